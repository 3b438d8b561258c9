//! Creates the keys that sign identity tokens. The private keys are encrypted.

use sea_orm_migration::prelude::*;

use crate::parts::{instant, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table(manager, "signing_keys")
                    // Nodes that start at the same time all insert the next number, and only one succeeds.
                    .col(
                        ColumnDef::new("number")
                            .big_integer()
                            .not_null()
                            .primary_key(),
                    )
                    .col(ColumnDef::new("kid").string_len(64).not_null())
                    .col(ColumnDef::new("algorithm").string_len(16).not_null())
                    .col(ColumnDef::new("public_key").string_len(128).not_null())
                    .col(
                        ColumnDef::new("private_key_sealed")
                            .string_len(512)
                            .not_null(),
                    )
                    .col(ColumnDef::new("sealed_with").string_len(16).not_null())
                    .col(instant(manager, "created_at"))
                    .col(instant(manager, "signs_from"))
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("signing_keys").if_exists().take())
            .await
    }
}
