//! Creates the security events of users' accounts. There is no foreign key, because the event of a deletion outlives
//! the user.

use sea_orm_migration::prelude::*;

use crate::parts::{instant, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table(manager, "security_events")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("user_id").uuid().null())
                    .col(ColumnDef::new("kind").string_len(64).not_null())
                    .col(instant(manager, "created_at"))
                    .col(ColumnDef::new("client_address").string_len(45).null())
                    .col(ColumnDef::new("user_agent").string_len(512).null())
                    .col(ColumnDef::new("actor_id").uuid().null())
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("security_events").if_exists().take())
            .await
    }
}
