//! Adds the users' roles, separated by spaces, with a space at either end.

use sea_orm_migration::prelude::*;

use crate::parts::{add_column, drop_column};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("roles")
            .string_len(1024)
            .not_null()
            .default("")
            .take();
        add_column(manager, "users", "roles", column).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "users", "roles").await
    }
}
