//! Creates the data of imported users: their id in the other system, and data that no feature uses yet.

use sea_orm_migration::prelude::*;

use crate::parts::{instant, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let text = |name, length| ColumnDef::new(name).string_len(length).not_null().take();
        manager
            .create_table(
                table(manager, "imported_people")
                    .col(ColumnDef::new("user_id").uuid().not_null().primary_key())
                    .col(
                        ColumnDef::new("external_id")
                            .string_len(191)
                            .null()
                            .unique_key(),
                    )
                    .col(text("email", 320))
                    .col(text("first_name", 300))
                    .col(text("last_name", 300))
                    .col(instant(manager, "last_login").null())
                    .col(ColumnDef::new("import_run").uuid().not_null())
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_imported_people_user_id")
                            .from("imported_people", "user_id")
                            .to("users", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("imported_people").if_exists().take())
            .await
    }
}
