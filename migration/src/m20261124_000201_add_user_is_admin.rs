//! Adds whether a user is an administrator, for an index. Roles are words in a text, which an index cannot find.

use sea_orm_migration::prelude::*;

use crate::parts::{add_column, drop_column};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("is_admin")
            .boolean()
            .not_null()
            .default(false)
            .take();
        add_column(manager, "users", "is_admin", column).await?;
        // This runs each time, because an earlier run may have been interrupted before it.
        let update = Query::update()
            .table("users")
            .value("is_admin", true)
            .and_where(Expr::col("roles").like("% admin %"))
            .take();
        manager.get_connection().execute(&update).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "users", "is_admin").await
    }
}
