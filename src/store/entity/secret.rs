//! A row of `secrets`.

use sea_orm::entity::prelude::*;

/// A secret that the nodes share through the database.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "secrets")]
pub struct Model {
    /// The secret's name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// The secret.
    pub secret_value: String,
}

impl ActiveModelBehavior for ActiveModel {}
