//! Creates the throttles: counters of attempts by a keyed hash. No name and no address is stored.

use sea_orm_migration::prelude::*;

use crate::parts::{instant, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table(manager, "throttles")
                    .col(
                        ColumnDef::new("throttle_key")
                            .binary_len(32)
                            .not_null()
                            .primary_key(),
                    )
                    .col(ColumnDef::new("taken").integer().not_null())
                    .col(instant(manager, "until"))
                    .col(instant(manager, "taken_at"))
                    // For optimistic locking: two concurrent changes cannot both succeed.
                    .col(ColumnDef::new("version").big_integer().not_null())
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("throttles").if_exists().take())
            .await
    }
}
