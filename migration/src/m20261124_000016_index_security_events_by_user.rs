//! An index to find the events of a user.

use sea_orm_migration::prelude::*;

use crate::parts::{create_index, drop_index};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_index(
            manager,
            "idx_security_events_user_id",
            "security_events",
            "user_id",
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_index(manager, "idx_security_events_user_id", "security_events").await
    }
}
