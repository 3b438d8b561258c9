//! Creates the schema levels: which programs may serve this database, so that nodes can be upgraded one by one.

use sea_orm_migration::prelude::*;

use crate::parts::table;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table(manager, "schema_levels")
                    .col(
                        ColumnDef::new("migration")
                            .string_len(191)
                            .not_null()
                            .primary_key(),
                    )
                    .col(ColumnDef::new("level").integer().not_null())
                    .col(ColumnDef::new("min_level").integer().not_null())
                    .col(ColumnDef::new("version").string_len(64).not_null())
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("schema_levels").if_exists().take())
            .await
    }
}
