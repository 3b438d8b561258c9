//! An index to find old events.

use sea_orm_migration::prelude::*;

use crate::parts::{create_index, drop_index};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_index(
            manager,
            "idx_security_events_created_at",
            "security_events",
            "created_at",
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_index(manager, "idx_security_events_created_at", "security_events").await
    }
}
