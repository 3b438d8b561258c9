//! An index to find old throttles.

use sea_orm_migration::prelude::*;

use crate::parts::{create_index, drop_index};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_index(manager, "idx_throttles_taken_at", "throttles", "taken_at").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_index(manager, "idx_throttles_taken_at", "throttles").await
    }
}
