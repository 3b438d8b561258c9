//! A row of `throttles`.

use sea_orm::entity::prelude::*;

/// A counter of attempts.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "throttles")]
pub struct Model {
    /// A keyed hash of what is counted.
    #[sea_orm(primary_key, auto_increment = false)]
    pub throttle_key: Vec<u8>,
    /// Reservations that were taken and not released.
    pub taken: i32,
    /// When the next attempt is allowed, or when the last reservation expires.
    pub until: DateTimeUtc,
    /// When a reservation was last taken.
    pub taken_at: DateTimeUtc,
    /// Incremented by every change, for optimistic locking.
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
