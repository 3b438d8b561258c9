//! The table of sessions.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};

use super::client;
use crate::{
    domain::{
        clock::Timestamp,
        id::{SessionId, UserId},
        session::{Ends, Session},
        token::SessionTokenHash,
        user::User,
    },
    store::{
        StoreError,
        entity::{
            session::{self, Column, Entity},
            user,
        },
        error::bounded,
    },
};

/// The table of sessions, on a connection or in a transaction.
pub struct Sessions<'db, C>(&'db C);

impl<'db, C: ConnectionTrait> Sessions<'db, C> {
    pub(crate) fn on(db: &'db C) -> Self {
        Self(db)
    }

    /// Finds the session and user of a token, in one statement. The session may have ended.
    pub async fn find(
        &self,
        token: &SessionTokenHash,
    ) -> Result<Option<(Session, User)>, StoreError> {
        let row = bounded(
            Entity::find()
                .filter(Column::TokenHash.eq(token.as_bytes()))
                .find_also_related(user::Entity)
                .one(self.0),
        )
        .await?;
        Ok(row.and_then(|(session, user)| Some((session.into(), user?.into()))))
    }

    /// Finds sessions, with their tokens and users, by id. The sessions may have ended.
    pub async fn find_many(
        &self,
        ids: impl Iterator<Item = SessionId>,
    ) -> Result<Vec<(Session, SessionTokenHash, User)>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Id.is_in(ids.map(|id| id.uuid())))
            .find_also_related(user::Entity)
            .all(self.0);
        let rows = bounded(rows).await?.into_iter();
        Ok(rows
            .filter_map(|(session, user)| {
                let token = SessionTokenHash::from_bytes(&session.token_hash)?;
                Some((session.into(), token, user?.into()))
            })
            .collect())
    }

    /// Finds a session by its id, if it belongs to this user. The session may have ended.
    pub async fn find_own(
        &self,
        owner: UserId,
        id: SessionId,
    ) -> Result<Option<Session>, StoreError> {
        let row = Entity::find_by_id(id.uuid())
            .filter(Column::UserId.eq(owner.uuid()))
            .one(self.0);
        Ok(bounded(row).await?.map(Into::into))
    }

    /// Returns whether a session exists and has this token.
    pub async fn exists(
        &self,
        id: SessionId,
        token: &SessionTokenHash,
    ) -> Result<bool, StoreError> {
        let id = Entity::find_by_id(id.uuid())
            .select_only()
            .column(Column::Id)
            .filter(Column::TokenHash.eq(token.as_bytes()))
            .into_tuple::<uuid::Uuid>()
            .one(self.0);
        Ok(bounded(id).await?.is_some())
    }

    /// Returns a user's live sessions, newest first: at most `limit`, older than `after`.
    pub async fn page(
        &self,
        owner: UserId,
        ends: &Ends,
        after: Option<SessionId>,
        limit: u64,
    ) -> Result<Vec<Session>, StoreError> {
        let mut page = Entity::find()
            .filter(Column::UserId.eq(owner.uuid()))
            .filter(ended(ends).not())
            .order_by_desc(Column::Id)
            .limit(limit);
        if let Some(after) = after {
            page = page.filter(Column::Id.lt(after.uuid()));
        }
        let rows = bounded(page.all(self.0)).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Returns the newest session of all users.
    pub async fn newest(&self) -> Result<Option<SessionId>, StoreError> {
        let id = Entity::find()
            .select_only()
            .column(Column::Id)
            .order_by_desc(Column::Id)
            .into_tuple::<uuid::Uuid>()
            .one(self.0);
        Ok(bounded(id).await?.map(Into::into))
    }

    /// Counts a user's live sessions.
    pub async fn count(&self, owner: UserId, ends: &Ends) -> Result<u64, StoreError> {
        let live = Entity::find()
            .filter(Column::UserId.eq(owner.uuid()))
            .filter(ended(ends).not());
        bounded(live.count(self.0)).await
    }

    /// Inserts a session.
    pub async fn insert(
        &self,
        session: &Session,
        token: &SessionTokenHash,
    ) -> Result<(), StoreError> {
        let row = session::ActiveModel {
            id: Set(session.id.uuid()),
            user_id: Set(session.user_id.uuid()),
            token_hash: Set(token.as_bytes().to_vec()),
            created_at: Set(session.created_at),
            authenticated_at: Set(session.authenticated_at),
            last_seen_at: Set(session.last_seen_at),
            expires_at: Set(session.absolute_end),
            persistent: Set(session.persistent),
            client_address: Set(client::address(&session.client)),
            user_agent: Set(client::user_agent(&session.client)),
        };
        bounded(Entity::insert(row).exec_without_returning(self.0)).await?;
        Ok(())
    }

    /// Records a use, unless this node or another one has already recorded a use after `since`.
    pub async fn touch(
        &self,
        id: SessionId,
        seen_at: Timestamp,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::LastSeenAt, Expr::value(seen_at))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::LastSeenAt.lte(since))
            .exec(self.0);
        bounded(update).await?;
        Ok(())
    }

    /// Returns the ids of at most `limit` sessions that have ended.
    pub async fn find_ended(&self, ends: &Ends, limit: u64) -> Result<Vec<SessionId>, StoreError> {
        let ids = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(ended(ends))
            .limit(limit)
            .into_tuple::<uuid::Uuid>()
            .all(self.0);
        Ok(bounded(ids).await?.into_iter().map(Into::into).collect())
    }
}

pub(crate) fn ended(ends: &Ends) -> Condition {
    Condition::any()
        .add(Column::ExpiresAt.lte(ends.now))
        .add(Column::LastSeenAt.lte(ends.idle_since))
        .add(
            Column::LastSeenAt
                .lte(ends.idle_short_since)
                .and(Column::Persistent.eq(false)),
        )
}

impl From<session::Model> for Session {
    fn from(row: session::Model) -> Self {
        Self {
            id: row.id.into(),
            user_id: row.user_id.into(),
            created_at: row.created_at,
            authenticated_at: row.authenticated_at,
            last_seen_at: row.last_seen_at,
            absolute_end: row.expires_at,
            persistent: row.persistent,
            client: client::read(row.client_address, row.user_agent),
        }
    }
}
