//! A row of `foreign_hashes`.

use sea_orm::entity::prelude::*;

/// The kind of a user's password hash from another system.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "foreign_hashes")]
pub struct Model {
    /// The user's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// The kind of hash.
    pub kind: String,
    /// The cost of its check, comparable within its kind.
    pub cost: i64,
}

impl ActiveModelBehavior for ActiveModel {}
