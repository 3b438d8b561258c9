//! The table of people.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, SqlErr,
    sea_query::Expr,
};
use thiserror::Error;

use super::{StoreError, error::bounded};
use crate::{
    domain::{id::UserId, user::User, username::Username},
    entity::user::{self, Column, Entity},
};

/// The people, as one connection or transaction sees them.
pub struct Users<'db, C>(&'db C);

/// A person together with what their password is checked against.
#[derive(Clone)]
pub struct StoredPassword {
    /// Whose it is.
    pub user: User,
    /// A PHC string.
    pub hash: String,
}

/// Why a person was not inserted.
#[derive(Debug, Error)]
pub enum InsertUserError {
    /// Somebody has a name with the same key.
    #[error("the username is taken")]
    UsernameTaken,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<'db, C: ConnectionTrait> Users<'db, C> {
    pub(super) fn on(db: &'db C) -> Self {
        Self(db)
    }

    /// Finds a person by the form of their name that is compared.
    pub async fn find_password(
        &self,
        username: &Username,
    ) -> Result<Option<StoredPassword>, StoreError> {
        let row = bounded(
            Entity::find()
                .filter(Column::UsernameKey.eq(username.key()))
                .one(self.0),
        )
        .await?;
        Ok(row.map(|row| StoredPassword {
            hash: row.password_hash.clone(),
            user: row.into(),
        }))
    }

    /// Inserts a person; the unique index alone decides whether the name is free.
    pub async fn insert(
        &self,
        user: &User,
        username: &Username,
        password_hash: &str,
    ) -> Result<(), InsertUserError> {
        let row = user::ActiveModel {
            id: Set(user.id.uuid()),
            username: Set(user.username.clone()),
            username_key: Set(username.key().to_owned()),
            password_hash: Set(password_hash.to_owned()),
            created_at: Set(user.created_at),
        };
        let insert = async {
            match Entity::insert(row).exec_without_returning(self.0).await {
                Err(error)
                    if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) =>
                {
                    Ok(false)
                }
                other => other.map(|_| true),
            }
        };
        if bounded(insert).await? {
            Ok(())
        } else {
            Err(InsertUserError::UsernameTaken)
        }
    }

    /// Replaces a password's hash if it still is `old`; tells whether it was.
    ///
    /// The condition keeps an upgrade at login from bringing back a password that was changed meanwhile.
    pub async fn replace_hash(&self, id: UserId, old: &str, new: &str) -> Result<bool, StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::PasswordHash, Expr::value(new))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::PasswordHash.eq(old))
            .exec(self.0);
        Ok(bounded(update).await?.rows_affected == 1)
    }
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        Self {
            id: row.id.into(),
            username: row.username,
            created_at: row.created_at,
        }
    }
}
