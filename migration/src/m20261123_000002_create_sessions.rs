//! Creates the sessions, with the SHA-256 of the cookie's token.

use sea_orm_migration::prelude::*;

use crate::parts::{instant, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table(manager, "sessions")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("user_id").uuid().not_null())
                    .col(
                        ColumnDef::new("token_hash")
                            .binary_len(32)
                            .not_null()
                            .unique_key(),
                    )
                    .col(instant(manager, "created_at"))
                    .col(instant(manager, "authenticated_at"))
                    .col(instant(manager, "last_seen_at"))
                    .col(instant(manager, "expires_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_sessions_user_id")
                            .from("sessions", "user_id")
                            .to("users", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("sessions").if_exists().take())
            .await
    }
}
