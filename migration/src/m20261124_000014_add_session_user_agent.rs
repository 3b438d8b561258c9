//! Adds the client's user agent at login, which the user can see.

use sea_orm_migration::prelude::*;

use crate::parts::{add_column, drop_column};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("user_agent").string_len(512).null().take();
        add_column(manager, "sessions", "user_agent", column).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "sessions", "user_agent").await
    }
}
