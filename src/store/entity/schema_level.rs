//! A row of `schema_levels`.

use sea_orm::entity::prelude::*;

/// The schema level of a migration, and the programs that may serve the database after it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "schema_levels")]
pub struct Model {
    /// The migration's name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub migration: String,
    /// The database's schema level after it.
    pub level: i32,
    /// The lowest level of a program that may serve the database after it.
    pub min_level: i32,
    /// The version of the program that applied it.
    pub version: String,
}

impl ActiveModelBehavior for ActiveModel {}
