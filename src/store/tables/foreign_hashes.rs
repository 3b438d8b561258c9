//! The table of hashes that are still another system's.

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

/// The hashes of other systems, as one connection or transaction sees them.
pub struct ForeignHashes<'db, C>(&'db C);

/// Whose hash is of which kind and cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignHashRow {
    /// Whose it is.
    pub user: UserId,
    /// The kind.
    pub kind: String,
    /// How much work its check is.
    pub cost: i64,
}

impl<'db, C: ConnectionTrait> ForeignHashes<'db, C> {
    pub(crate) fn on(db: &'db C) -> Self {
        Self(db)
    }

    /// Whether there are any.
    pub async fn any(&self) -> Result<bool, StoreError> {
        let one = Entity::find().limit(1).one(self.0);
        Ok(bounded(one).await?.is_some())
    }

    /// The slowest of a kind.
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

    /// Whose hash is of one of these kinds: at most `most`, in the order of their ids, after `after`.
    pub async fn of_kinds(
        &self,
        kinds: &[&str],
        after: Option<UserId>,
        most: u64,
    ) -> Result<Vec<UserId>, StoreError> {
        let mut some = Entity::find()
            .select_only()
            .column(Column::UserId)
            .filter(Column::Kind.is_in(kinds.iter().copied()))
            .order_by_asc(Column::UserId)
            .limit(most);
        if let Some(after) = after {
            some = some.filter(Column::UserId.gt(after.uuid()));
        }
        let ids = bounded(some.into_tuple::<uuid::Uuid>().all(self.0)).await?;
        Ok(ids.into_iter().map(Into::into).collect())
    }

    /// Notes whose hash is of which kind.
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

    /// Forgets what was read: what was noted of the same person since stays.
    pub async fn forget(&self, hash: &ForeignHashRow) -> Result<(), StoreError> {
        let delete = Entity::delete_many()
            .filter(Column::UserId.eq(hash.user.uuid()))
            .filter(Column::Kind.eq(&hash.kind))
            .filter(Column::Cost.eq(hash.cost));
        bounded(delete.exec(self.0)).await?;
        Ok(())
    }

    /// Forgets a person's: it has been replaced by one of ours.
    pub async fn delete(&self, user: UserId) -> Result<(), StoreError> {
        bounded(Entity::delete_by_id(user.uuid()).exec(self.0)).await?;
        Ok(())
    }
}
