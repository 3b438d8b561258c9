//! Creates the users: the name as typed, the normalized name, and the password hash.

use sea_orm_migration::prelude::*;

use crate::parts::{instant, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table(manager, "users")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("username").string_len(150).not_null())
                    // Case mapping and NFC turn one code point into at most three.
                    .col(
                        ColumnDef::new("username_key")
                            .string_len(450)
                            .not_null()
                            .unique_key(),
                    )
                    .col(ColumnDef::new("password_hash").string_len(512).not_null())
                    .col(instant(manager, "created_at"))
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("users").if_exists().take())
            .await
    }
}
