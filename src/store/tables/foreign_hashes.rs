//! The table of password hashes from other systems.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::{
    domain::id::UserId,
    store::{
        StoreError,
        entity::foreign_hash::{ActiveModel, Column, Entity},
        error::bounded,
    },
};

/// The table of other systems' hashes, on a connection or in a transaction.
pub struct ForeignHashes<'db, C>(&'db C);

/// The kind and cost of a user's hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignHashRow {
    /// The user.
    pub user: UserId,
    /// The kind of hash.
    pub kind: String,
    /// The cost of its check.
    pub cost: i64,
}

impl<'db, C: ConnectionTrait> ForeignHashes<'db, C> {
    pub(crate) fn on(db: &'db C) -> Self {
        Self(db)
    }

    /// Returns whether the table has any rows.
    pub async fn any(&self) -> Result<bool, StoreError> {
        let one = Entity::find().limit(1).one(self.0);
        Ok(bounded(one).await?.is_some())
    }

    /// Returns the slowest hash of a kind.
    pub async fn slowest(&self, kind: &str) -> Result<Option<ForeignHashRow>, StoreError> {
        let row = Entity::find()
            .filter(Column::Kind.eq(kind))
            .order_by_desc(Column::Cost)
            .limit(1)
            .one(self.0);
        Ok(bounded(row).await?.map(|row| ForeignHashRow {
            user: row.user_id.into(),
            kind: row.kind,
            cost: row.cost,
        }))
    }

    /// Returns the users whose hash is of one of these kinds: at most `limit`, ordered by id, after `after`.
    pub async fn of_kinds(
        &self,
        kinds: &[&str],
        after: Option<UserId>,
        limit: u64,
    ) -> Result<Vec<UserId>, StoreError> {
        let mut some = Entity::find()
            .select_only()
            .column(Column::UserId)
            .filter(Column::Kind.is_in(kinds.iter().copied()))
            .order_by_asc(Column::UserId)
            .limit(limit);
        if let Some(after) = after {
            some = some.filter(Column::UserId.gt(after.uuid()));
        }
        let ids = bounded(some.into_tuple::<uuid::Uuid>().all(self.0)).await?;
        Ok(ids.into_iter().map(Into::into).collect())
    }

    /// Inserts the kinds of users' hashes.
    pub async fn insert(&self, hashes: &[ForeignHashRow]) -> Result<(), StoreError> {
        if hashes.is_empty() {
            return Ok(());
        }
        let rows = hashes.iter().map(|hash| ActiveModel {
            user_id: Set(hash.user.uuid()),
            kind: Set(hash.kind.clone()),
            cost: Set(hash.cost),
        });
        bounded(Entity::insert_many(rows).exec_without_returning(self.0)).await?;
        Ok(())
    }

    /// Deletes a row that was read before, unless it has changed since.
    pub async fn forget(&self, hash: &ForeignHashRow) -> Result<(), StoreError> {
        let delete = Entity::delete_many()
            .filter(Column::UserId.eq(hash.user.uuid()))
            .filter(Column::Kind.eq(&hash.kind))
            .filter(Column::Cost.eq(hash.cost));
        bounded(delete.exec(self.0)).await?;
        Ok(())
    }

    /// Deletes a user's row, after the hash was replaced by one of Gatelodge's.
    pub async fn delete(&self, user: UserId) -> Result<(), StoreError> {
        bounded(Entity::delete_by_id(user.uuid()).exec(self.0)).await?;
        Ok(())
    }
}
