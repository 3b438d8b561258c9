//! An index to find the slowest hash of a kind.

use sea_orm_migration::prelude::*;

use crate::parts::drop_index;

#[derive(DeriveMigrationName)]
pub struct Migration;

const NAME: &str = "idx_foreign_hashes_cost";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.has_index("foreign_hashes", NAME).await? {
            return Ok(());
        }
        let mut index = Index::create();
        index.name(NAME).table("foreign_hashes");
        manager
            .create_index(index.col("kind").col("cost").take())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_index(manager, NAME, "foreign_hashes").await
    }
}
