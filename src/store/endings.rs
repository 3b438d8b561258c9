//! Changes after which what was known of a session holds no more: always as part of a transaction, which alone
//! knows when they have happened.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use super::{InsertUserError, StoreError, Work, error::bounded};
use crate::{
    domain::{
        clock::Instant,
        id::{SessionId, UserId},
        token::SessionTokenHash,
        username::Username,
    },
    entity::session::{Column, Entity},
};

impl Work {
    /// Ends the session of a token, whoever's it is; tells whether there was one.
    pub async fn end_token(&mut self, token: &SessionTokenHash) -> Result<bool, StoreError> {
        let delete = Entity::delete_many()
            .filter(Column::TokenHash.eq(token.as_bytes()))
            .exec(&self.txn);
        Ok(bounded(delete).await?.rows_affected > 0)
    }

    /// Ends one of a person's sessions; tells whether it was there.
    pub async fn end_session(&mut self, owner: UserId, id: SessionId) -> Result<bool, StoreError> {
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
        authenticated_at: Instant,
    ) -> Result<bool, StoreError> {
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

    /// Gives a person another name; the unique index alone decides whether it is free.
    pub async fn rename_user(
        &mut self,
        id: UserId,
        username: &Username,
    ) -> Result<(), InsertUserError> {
        self.users().rename(id, username).await
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
