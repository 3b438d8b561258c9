//! A row of `foreign_hashes`.

use sea_orm::entity::prelude::*;

/// What kind of hash a person's is, as long as it is another system's.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "foreign_hashes")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// The kind.
    pub kind: String,
    /// How much work its check is, among those of its kind.
    pub cost: i64,
}

impl ActiveModelBehavior for ActiveModel {}
