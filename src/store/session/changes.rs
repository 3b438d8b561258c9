//! Changes after which what was known of a session holds no more: always as part of a transaction, which alone
//! knows when they have happened.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use crate::{
    domain::{
        clock::Timestamp,
        id::{SessionId, UserId},
        role::Roles,
        session::Ends,
        token::SessionTokenHash,
        username::Username,
    },
    store::{
        InsertUserError, Invalidation, StoreError, Transaction,
        entity::session::{Column, Entity},
        error::bounded,
        tables::sessions::ended,
    },
};

impl Transaction {
    /// Ends the session of a token, whoever's it is; tells whether there was one.
    pub async fn end_token(&mut self, token: &SessionTokenHash) -> Result<bool, StoreError> {
        let id = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::TokenHash.eq(token.as_bytes()))
            .into_tuple::<uuid::Uuid>()
            .one(&self.txn);
        let Some(id) = bounded(id).await? else {
            return Ok(false);
        };
        self.forget([Invalidation::Session(id.into())]);
        let delete = Entity::delete_by_id(id).exec(&self.txn);
        Ok(bounded(delete).await?.rows_affected > 0)
    }

    /// Ends one of a person's sessions; tells whether it was there.
    pub async fn end_session(&mut self, owner: UserId, id: SessionId) -> Result<bool, StoreError> {
        self.forget([Invalidation::Session(id)]);
        let delete = Entity::delete_many()
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::UserId.eq(owner.uuid()))
            .exec(&self.txn);
        Ok(bounded(delete).await?.rows_affected > 0)
    }

    /// Ends all of a person's sessions but one; tells how many.
    pub async fn end_sessions(
        &mut self,
        owner: UserId,
        but: Option<SessionId>,
    ) -> Result<u64, StoreError> {
        self.forget([Invalidation::Person(owner)]);
        let mut delete = Entity::delete_many().filter(Column::UserId.eq(owner.uuid()));
        if let Some(but) = but {
            delete = delete.filter(Column::Id.ne(but.uuid()));
        }
        Ok(bounded(delete.exec(&self.txn)).await?.rows_affected)
    }

    /// Gives a session another token, as its person has proved anew who they are: the old token ends. Tells whether the
    /// session was there.
    pub async fn renew_session(
        &mut self,
        id: SessionId,
        token: &SessionTokenHash,
        authenticated_at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.forget([Invalidation::Session(id)]);
        let update = Entity::update_many()
            .col_expr(Column::TokenHash, Expr::value(token.as_bytes().to_vec()))
            .col_expr(Column::AuthenticatedAt, Expr::value(authenticated_at))
            .filter(Column::Id.eq(id.uuid()))
            .exec(&self.txn);
        Ok(bounded(update).await?.rows_affected == 1)
    }

    /// Ends a person's oldest sessions, so that at most `keep` are left.
    pub async fn end_oldest(&mut self, owner: UserId, keep: u64) -> Result<(), StoreError> {
        let ids = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::UserId.eq(owner.uuid()))
            .order_by_desc(Column::Id)
            .offset(keep)
            .limit(BATCH)
            .into_tuple::<uuid::Uuid>()
            .all(&self.txn);
        for id in bounded(ids).await? {
            self.end_session(owner, id.into()).await?;
        }
        Ok(())
    }

    /// Deletes those of the sessions that have ended; tells how many.
    ///
    /// They are judged again here: one may have been used since it was looked at.
    pub async fn end_ended(&mut self, ids: &[SessionId], ends: &Ends) -> Result<u64, StoreError> {
        self.forget(ids.iter().copied().map(Invalidation::Session));
        let delete = Entity::delete_many()
            .filter(Column::Id.is_in(ids.iter().map(SessionId::uuid)))
            .filter(ended(ends))
            .exec(&self.txn);
        Ok(bounded(delete).await?.rows_affected)
    }

    /// Gives a person another name; the unique index alone decides whether it is free.
    pub async fn rename_user(
        &mut self,
        id: UserId,
        username: &Username,
    ) -> Result<(), InsertUserError> {
        self.forget([Invalidation::Person(id)]);
        self.users().rename(id, username).await
    }

    /// Disables a person since a moment, and ends their sessions; tells how many.
    pub async fn disable_user(&mut self, id: UserId, since: Timestamp) -> Result<u64, StoreError> {
        self.users().set_disabled(id, Some(since)).await?;
        self.end_sessions(id, None).await
    }

    /// Enables a person again.
    pub async fn enable_user(&mut self, id: UserId) -> Result<(), StoreError> {
        self.forget([Invalidation::Person(id)]);
        self.users().set_disabled(id, None).await
    }

    /// Sets a person's roles.
    pub async fn set_roles(&mut self, id: UserId, roles: &Roles) -> Result<(), StoreError> {
        self.forget([Invalidation::Person(id)]);
        self.users().set_roles(id, roles).await
    }

    /// Ends some of everybody's sessions, at most so many, up to one of them; tells whose each was.
    pub async fn end_some(
        &mut self,
        up_to: SessionId,
        most: u64,
    ) -> Result<Vec<UserId>, StoreError> {
        let some = Entity::find()
            .select_only()
            .column(Column::Id)
            .column(Column::UserId)
            .filter(Column::Id.lte(up_to.uuid()))
            .order_by_asc(Column::Id)
            .limit(most)
            .into_tuple::<(uuid::Uuid, uuid::Uuid)>()
            .all(&self.txn);
        let some = bounded(some).await?;
        self.forget(
            some.iter()
                .map(|(id, _)| Invalidation::Session((*id).into())),
        );
        let delete = Entity::delete_many()
            .filter(Column::Id.is_in(some.iter().map(|(id, _)| *id)))
            .exec(&self.txn);
        bounded(delete).await?;
        Ok(some.into_iter().map(|(_, owner)| owner.into()).collect())
    }

    /// Deletes a person and everything of theirs, their sessions first.
    pub async fn delete_user(&mut self, id: UserId) -> Result<(), StoreError> {
        self.end_sessions(id, None).await?;
        self.security_events().delete_of(id).await?;
        self.users().delete(id).await
    }
}

/// Sessions over the cap that one login ends: one, unless the cap was lowered.
const BATCH: u64 = 100;
