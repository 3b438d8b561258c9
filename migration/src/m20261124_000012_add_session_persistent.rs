//! Adds whether a session outlives its browser window.

use sea_orm_migration::prelude::*;

use crate::parts::{add_column, drop_column};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("persistent")
            .boolean()
            .not_null()
            .default(true)
            .take();
        add_column(manager, "sessions", "persistent", column).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "sessions", "persistent").await
    }
}
