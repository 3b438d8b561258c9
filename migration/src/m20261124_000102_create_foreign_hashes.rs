//! Creates the kinds and costs of users' password hashes from other systems.

use sea_orm_migration::prelude::*;

use crate::parts::table;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table(manager, "foreign_hashes")
                    .col(ColumnDef::new("user_id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("kind").string_len(32).not_null())
                    .col(ColumnDef::new("cost").big_integer().not_null())
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_foreign_hashes_user_id")
                            .from("foreign_hashes", "user_id")
                            .to("users", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("foreign_hashes").if_exists().take())
            .await
    }
}
