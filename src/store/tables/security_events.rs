//! The table of security events.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::client;
use crate::{
    domain::{
        clock::Timestamp,
        id::{EventId, UserId},
        security_event::{EventKind, KindCount, SecurityEvent},
    },
    store::{
        StoreError,
        entity::security_event::{self, Column, Entity},
        error::bounded,
    },
};

/// The table of security events, on a connection or in a transaction.
pub struct SecurityEvents<'db, C>(&'db C);

impl<'db, C: ConnectionTrait> SecurityEvents<'db, C> {
    pub(crate) fn on(db: &'db C) -> Self {
        Self(db)
    }

    /// Inserts an event of a user's account, or one without a user.
    pub async fn insert(
        &self,
        owner: Option<UserId>,
        event: &SecurityEvent,
    ) -> Result<(), StoreError> {
        let row = row(owner, event);
        bounded(Entity::insert(row).exec_without_returning(self.0)).await?;
        Ok(())
    }

    /// Inserts events of several users, in one statement.
    pub async fn insert_all(&self, events: &[(UserId, SecurityEvent)]) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let rows = events.iter().map(|(owner, event)| row(Some(*owner), event));
        bounded(Entity::insert_many(rows).exec_without_returning(self.0)).await?;
        Ok(())
    }

    /// Returns a user's events since a time, newest first: at most `limit`, older than `after`.
    pub async fn page(
        &self,
        owner: UserId,
        since: Timestamp,
        after: Option<EventId>,
        limit: u64,
    ) -> Result<Vec<SecurityEvent>, StoreError> {
        let known = EventKind::ALL.iter().map(|kind| kind.as_str());
        let mut page = Entity::find()
            .filter(Column::UserId.eq(owner.uuid()))
            // Older events may not have been deleted yet.
            .filter(Column::CreatedAt.gte(since))
            // A newer version that uses the same database may have more kinds.
            .filter(Column::Kind.is_in(known))
            .order_by_desc(Column::Id)
            .limit(limit);
        if let Some(after) = after {
            page = page.filter(Column::Id.lt(after.uuid()));
        }
        let rows = bounded(page.all(self.0)).await?;
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// Returns the time of a user's newest event of the given kinds since a time.
    pub async fn last(
        &self,
        owner: UserId,
        kinds: &[EventKind],
        since: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let newest = Entity::find()
            .filter(Column::UserId.eq(owner.uuid()))
            .filter(Column::CreatedAt.gte(since))
            .filter(Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str())))
            .order_by_desc(Column::Id)
            .one(self.0);
        Ok(bounded(newest).await?.map(|row| row.created_at))
    }

    /// Returns whether a user has more than `count` events. Reads at most one index entry for each event.
    pub async fn has_more_than(&self, owner: UserId, count: u64) -> Result<bool, StoreError> {
        let beyond = Entity::find()
            .select_only()
            .column(Column::UserId)
            .filter(Column::UserId.eq(owner.uuid()))
            .offset(count)
            .limit(1)
            .into_tuple::<uuid::Uuid>()
            .one(self.0);
        Ok(bounded(beyond).await?.is_some())
    }

    /// Counts a user's events by their kinds.
    pub async fn count_kinds(&self, owner: UserId) -> Result<Vec<KindCount>, StoreError> {
        let kinds = Entity::find()
            .select_only()
            .column(Column::Kind)
            .column_as(Column::Id.count(), "count")
            .filter(Column::UserId.eq(owner.uuid()))
            .group_by(Column::Kind)
            .into_tuple::<(String, i64)>()
            .all(self.0);
        let mut counted = vec![];
        for (kind, count) in bounded(kinds).await? {
            // PostgreSQL has no MIN for UUIDs before version 18.
            if let Some(oldest) = self.oldest(owner, &kind, 1).await?.first() {
                counted.push(KindCount {
                    kind,
                    count: u64::try_from(count).unwrap_or(0),
                    oldest: *oldest,
                });
            }
        }
        Ok(counted)
    }

    /// Returns the ids of a user's oldest events of a kind, at most `limit`.
    pub async fn oldest(
        &self,
        owner: UserId,
        kind: &str,
        limit: u64,
    ) -> Result<Vec<EventId>, StoreError> {
        let ids = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::UserId.eq(owner.uuid()))
            .filter(Column::Kind.eq(kind))
            .order_by_asc(Column::Id)
            .limit(limit)
            .into_tuple::<uuid::Uuid>()
            .all(self.0);
        Ok(bounded(ids).await?.into_iter().map(Into::into).collect())
    }

    /// Deletes all events of a user's account.
    pub async fn delete_of(&self, owner: UserId) -> Result<(), StoreError> {
        let delete = Entity::delete_many().filter(Column::UserId.eq(owner.uuid()));
        bounded(delete.exec(self.0)).await?;
        Ok(())
    }

    /// Returns the ids of at most `limit` events from before a time.
    pub async fn find_old(
        &self,
        before: Timestamp,
        limit: u64,
    ) -> Result<Vec<EventId>, StoreError> {
        let ids = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::CreatedAt.lt(before))
            .limit(limit)
            .into_tuple::<uuid::Uuid>()
            .all(self.0);
        Ok(bounded(ids).await?.into_iter().map(Into::into).collect())
    }

    /// Deletes events. Returns how many.
    pub async fn delete(&self, ids: &[EventId]) -> Result<u64, StoreError> {
        let delete = Entity::delete_many()
            .filter(Column::Id.is_in(ids.iter().map(EventId::uuid)))
            .exec(self.0);
        Ok(bounded(delete).await?.rows_affected)
    }
}

fn row(owner: Option<UserId>, event: &SecurityEvent) -> security_event::ActiveModel {
    security_event::ActiveModel {
        id: Set(event.id.uuid()),
        user_id: Set(owner.map(|owner| owner.uuid())),
        kind: Set(event.kind.as_str().to_owned()),
        created_at: Set(event.created_at),
        client_address: Set(client::address(&event.client)),
        user_agent: Set(client::user_agent(&event.client)),
        actor_id: Set(event.actor.map(|actor| actor.uuid())),
    }
}

fn read(row: security_event::Model) -> Option<SecurityEvent> {
    Some(SecurityEvent {
        id: row.id.into(),
        kind: EventKind::read(&row.kind)?,
        created_at: row.created_at,
        client: client::read(row.client_address, row.user_agent),
        actor: row.actor_id.map(Into::into),
    })
}
