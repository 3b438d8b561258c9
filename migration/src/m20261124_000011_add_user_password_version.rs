//! Adds a number that changes with the password, so that proofs of the old password become invalid.

use sea_orm_migration::prelude::*;

use crate::parts::{add_column, drop_column};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("password_version")
            .integer()
            .not_null()
            .default(0)
            .take();
        add_column(manager, "users", "password_version", column).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "users", "password_version").await
    }
}
