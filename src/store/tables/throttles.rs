//! The table of throttles.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter,
    QuerySelect, SqlErr, sea_query::Expr,
};

use crate::{
    domain::{clock::Timestamp, throttle::State},
    store::{
        StoreError,
        entity::throttle::{self, Column, Entity},
        error::bounded,
    },
};

/// A keyed hash of what is counted.
pub type ThrottleKey = [u8; 32];

/// A state with its version.
#[derive(Clone, Copy, Debug)]
pub struct Versioned {
    /// The state.
    pub state: State,
    version: i64,
}

/// The table of throttles, on a connection or in a transaction.
pub struct Throttles<'db, C>(&'db C);

impl<'db, C: ConnectionTrait> Throttles<'db, C> {
    pub(crate) fn on(db: &'db C) -> Self {
        Self(db)
    }

    /// Finds the state of a key.
    pub async fn find(&self, key: &ThrottleKey) -> Result<Option<Versioned>, StoreError> {
        let row = bounded(Entity::find_by_id(key.to_vec()).one(self.0)).await?;
        Ok(row.as_ref().map(read))
    }

    /// Finds the states of several keys, in their order, in one statement.
    pub async fn find_all(
        &self,
        keys: &[ThrottleKey],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        let wanted = keys.iter().map(|key| key.to_vec());
        let rows = Entity::find().filter(Column::ThrottleKey.is_in(wanted));
        let rows = bounded(rows.all(self.0)).await?;
        let of = |key: &ThrottleKey| rows.iter().find(|row| row.throttle_key == key);
        Ok(keys.iter().map(|key| of(key).map(read)).collect())
    }

    /// Stores a state and returns it with its version, or `None` if the row has changed since it was found.
    pub async fn replace(
        &self,
        key: &ThrottleKey,
        found: Option<Versioned>,
        state: State,
    ) -> Result<Option<Versioned>, StoreError> {
        let taken = i32::try_from(state.count).unwrap_or(i32::MAX);
        let Some(found) = found else {
            let row = throttle::ActiveModel {
                throttle_key: Set(key.to_vec()),
                taken: Set(taken),
                until: Set(state.until),
                taken_at: Set(state.taken_at),
                version: Set(0),
            };
            let insert = async {
                match Entity::insert(row).exec_without_returning(self.0).await {
                    Err(error)
                        if matches!(
                            error.sql_err(),
                            Some(SqlErr::UniqueConstraintViolation(_))
                        ) =>
                    {
                        Ok(None)
                    }
                    other => other.map(|_| Some(Versioned { state, version: 0 })),
                }
            };
            return bounded(insert).await;
        };
        let update = Entity::update_many()
            .col_expr(Column::Taken, Expr::value(taken))
            .col_expr(Column::Until, Expr::value(state.until))
            .col_expr(Column::TakenAt, Expr::value(state.taken_at))
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .filter(Column::ThrottleKey.eq(key.to_vec()))
            .filter(Column::Version.eq(found.version))
            .exec(self.0);
        let replaced = bounded(update).await?.rows_affected == 1;
        let version = found.version + 1;
        Ok(replaced.then_some(Versioned { state, version }))
    }

    /// Returns at most `limit` keys that were last used before `before` and block nothing at `now`.
    pub async fn find_old(
        &self,
        before: Timestamp,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let keys = Entity::find()
            .select_only()
            .column(Column::ThrottleKey)
            .filter(old(before, now))
            .limit(limit)
            .into_tuple()
            .all(self.0);
        bounded(keys).await
    }

    /// Deletes those of the keys that are still old. Returns how many.
    pub async fn delete_old(
        &self,
        keys: Vec<Vec<u8>>,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let delete = Entity::delete_many()
            .filter(Column::ThrottleKey.is_in(keys))
            .filter(old(before, now))
            .exec(self.0);
        Ok(bounded(delete).await?.rows_affected)
    }
}

fn read(row: &throttle::Model) -> Versioned {
    Versioned {
        state: State {
            count: u32::try_from(row.taken).unwrap_or(0),
            until: row.until,
            taken_at: row.taken_at,
        },
        version: row.version,
    }
}

fn old(before: Timestamp, now: Timestamp) -> Condition {
    Condition::all()
        .add(Column::TakenAt.lt(before))
        .add(Column::Until.lt(now))
}
