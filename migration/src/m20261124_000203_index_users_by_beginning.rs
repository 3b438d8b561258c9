//! An index to find names by prefix in PostgreSQL, whose unique index may use a language's sort order.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::parts::drop_index;

const NAME: &str = "idx_users_username_key_beginning";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let create = format!(
            "CREATE INDEX IF NOT EXISTS {NAME} ON users (username_key varchar_pattern_ops)"
        );
        manager.get_connection().execute_unprepared(&create).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        drop_index(manager, NAME, "users").await
    }
}
