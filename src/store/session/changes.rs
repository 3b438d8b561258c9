//! Changes that invalidate cached sessions. They are methods of a transaction, because the invalidation follows its
//! commit.

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
    /// Ends the session of a token, for any user. Returns whether it existed.
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
        self.invalidate([Invalidation::Session(id.into())]);
        let delete = Entity::delete_by_id(id).exec(&self.txn);
        Ok(bounded(delete).await?.rows_affected > 0)
    }

    /// Ends one of a user's sessions. Returns whether it existed.
    pub async fn end_session(&mut self, owner: UserId, id: SessionId) -> Result<bool, StoreError> {
        self.invalidate([Invalidation::Session(id)]);
        let delete = Entity::delete_many()
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::UserId.eq(owner.uuid()))
            .exec(&self.txn);
        Ok(bounded(delete).await?.rows_affected > 0)
    }

    /// Ends all of a user's sessions except `except`. Returns how many.
    pub async fn end_sessions(
        &mut self,
        owner: UserId,
        except: Option<SessionId>,
    ) -> Result<u64, StoreError> {
        self.invalidate([Invalidation::User(owner)]);
        let mut delete = Entity::delete_many().filter(Column::UserId.eq(owner.uuid()));
        if let Some(except) = except {
            delete = delete.filter(Column::Id.ne(except.uuid()));
        }
        Ok(bounded(delete.exec(&self.txn)).await?.rows_affected)
    }

    /// Gives a session a new token after a new password check. The old token is invalid from now on. Returns whether the
    /// session existed.
    pub async fn renew_session(
        &mut self,
        id: SessionId,
        token: &SessionTokenHash,
        authenticated_at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.invalidate([Invalidation::Session(id)]);
        let update = Entity::update_many()
            .col_expr(Column::TokenHash, Expr::value(token.as_bytes().to_vec()))
            .col_expr(Column::AuthenticatedAt, Expr::value(authenticated_at))
            .filter(Column::Id.eq(id.uuid()))
            .exec(&self.txn);
        Ok(bounded(update).await?.rows_affected == 1)
    }

    /// Ends a user's oldest sessions, so that at most `keep` are left.
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

    /// Deletes those of the given sessions that have ended. Returns how many.
    ///
    /// The statement checks them again: a session may have been used since it was found.
    pub async fn end_ended(&mut self, ids: &[SessionId], ends: &Ends) -> Result<u64, StoreError> {
        self.invalidate(ids.iter().copied().map(Invalidation::Session));
        let delete = Entity::delete_many()
            .filter(Column::Id.is_in(ids.iter().map(SessionId::uuid)))
            .filter(ended(ends))
            .exec(&self.txn);
        Ok(bounded(delete).await?.rows_affected)
    }

    /// Changes a user's name. The unique index decides whether the name is free.
    pub async fn rename_user(
        &mut self,
        id: UserId,
        username: &Username,
    ) -> Result<(), InsertUserError> {
        self.invalidate([Invalidation::User(id)]);
        self.users().rename(id, username).await
    }

    /// Disables a user from `since` on, and ends the user's sessions. Returns how many.
    pub async fn disable_user(&mut self, id: UserId, since: Timestamp) -> Result<u64, StoreError> {
        self.users().set_disabled(id, Some(since)).await?;
        self.end_sessions(id, None).await
    }

    /// Enables a user again.
    pub async fn enable_user(&mut self, id: UserId) -> Result<(), StoreError> {
        self.invalidate([Invalidation::User(id)]);
        self.users().set_disabled(id, None).await
    }

    /// Sets a user's roles.
    pub async fn set_roles(&mut self, id: UserId, roles: &Roles) -> Result<(), StoreError> {
        self.invalidate([Invalidation::User(id)]);
        self.users().set_roles(id, roles).await
    }

    /// Ends sessions of all users, oldest first: at most `limit`, up to the session `up_to`. Returns the owner of each
    /// session.
    pub async fn end_some(
        &mut self,
        up_to: SessionId,
        limit: u64,
    ) -> Result<Vec<UserId>, StoreError> {
        let some = Entity::find()
            .select_only()
            .column(Column::Id)
            .column(Column::UserId)
            .filter(Column::Id.lte(up_to.uuid()))
            .order_by_asc(Column::Id)
            .limit(limit)
            .into_tuple::<(uuid::Uuid, uuid::Uuid)>()
            .all(&self.txn);
        let some = bounded(some).await?;
        self.invalidate(
            some.iter()
                .map(|(id, _)| Invalidation::Session((*id).into())),
        );
        let delete = Entity::delete_many()
            .filter(Column::Id.is_in(some.iter().map(|(id, _)| *id)))
            .exec(&self.txn);
        bounded(delete).await?;
        Ok(some.into_iter().map(|(_, owner)| owner.into()).collect())
    }

    /// Deletes a user and all data of the user, sessions first.
    pub async fn delete_user(&mut self, id: UserId) -> Result<(), StoreError> {
        self.end_sessions(id, None).await?;
        self.security_events().delete_of(id).await?;
        self.users().delete(id).await
    }
}

/// Maximum number of sessions that one login ends. Usually it ends one; more only after the limit was lowered.
const BATCH: u64 = 100;
