//! An index to find the sessions of a user.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::parts::{create_index, drop_index};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_index(manager, "idx_sessions_user_id", "sessions", "user_id").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // InnoDB needs an index for every foreign key and refuses to drop the last one. It is dropped with its table.
        if manager.get_database_backend() == DbBackend::MySql {
            return Ok(());
        }
        drop_index(manager, "idx_sessions_user_id", "sessions").await
    }
}
