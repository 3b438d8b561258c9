//! An index to find administrators.

use sea_orm_migration::prelude::*;

use crate::parts::{create_index, drop_index};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_index(manager, "idx_users_is_admin", "users", "is_admin").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_index(manager, "idx_users_is_admin", "users").await
    }
}
