//! Adds the time since when a user is disabled. A disabled user exists but may not log in.

use sea_orm_migration::prelude::*;

use crate::parts::{add_column, drop_column, instant};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = instant(manager, "disabled_at").null().take();
        add_column(manager, "users", "disabled_at", column).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "users", "disabled_at").await
    }
}
