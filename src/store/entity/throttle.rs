//! A row of `throttles`.

use sea_orm::entity::prelude::*;

/// How often something was tried.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "throttles")]
pub struct Model {
    /// A keyed hash of what.
    #[sea_orm(primary_key, auto_increment = false)]
    pub throttle_key: Vec<u8>,
    /// Places taken and not given back.
    pub taken: i32,
    /// When the next try is free, or the last place.
    pub until: DateTimeUtc,
    /// When a place was last taken.
    pub taken_at: DateTimeUtc,
    /// Changes with every change.
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
