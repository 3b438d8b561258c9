//! The table of users.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, SqlErr, UpdateMany,
    sea_query::{Expr, LikeExpr},
};
use thiserror::Error;

use crate::{
    domain::{clock::Timestamp, id::UserId, role::Roles, user::User, username::Username},
    store::{
        StoreError,
        entity::user::{self, Column, Entity},
        error::bounded,
    },
};

/// The table of users, on a connection or in a transaction.
pub struct Users<'db, C>(pub(crate) &'db C);

/// A user with the stored password hash.
#[derive(Clone)]
pub struct StoredPassword {
    /// The user.
    pub user: User,
    /// The hash, in the format of `auth`.
    pub hash: String,
    /// The password's version, which changes with the password.
    pub version: i32,
}

/// A new user with the password hash.
pub type NewUser<'a> = (&'a User, &'a str);

/// Why a user was not inserted or renamed.
#[derive(Debug, Error)]
pub enum InsertUserError {
    /// Another user has a name with the same key.
    #[error("the username is taken")]
    UsernameTaken,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<'db, C: ConnectionTrait> Users<'db, C> {
    pub(crate) fn on(db: &'db C) -> Self {
        Self(db)
    }

    /// Finds a user by the normalized username.
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
        Ok(row.map(Into::into))
    }

    /// Finds a user by id.
    pub async fn find(&self, id: UserId) -> Result<Option<StoredPassword>, StoreError> {
        let row = bounded(Entity::find_by_id(id.uuid()).one(self.0)).await?;
        Ok(row.map(Into::into))
    }

    /// Finds a user and locks the row until the transaction ends. A login calls this before it opens the session, to
    /// check that the password is still the one that was verified.
    pub async fn lock(&self, id: UserId) -> Result<Option<StoredPassword>, StoreError> {
        let row = bounded(Entity::find_by_id(id.uuid()).lock_exclusive().one(self.0)).await?;
        Ok(row.map(Into::into))
    }

    /// Returns the administrators that may log in.
    pub async fn admins(&self) -> Result<Vec<UserId>, StoreError> {
        let found = admins().into_tuple::<uuid::Uuid>().all(self.0);
        Ok(bounded(found).await?.into_iter().map(Into::into).collect())
    }

    /// Returns the administrators that may log in, and locks their rows until the transaction ends.
    ///
    /// First it finds them, then it locks them in a fixed order. A scan of the whole table that locks at the same time
    /// would wait for every login, and two such scans would deadlock.
    pub async fn lock_admins(&self) -> Result<Vec<UserId>, StoreError> {
        let found = self.admins().await?;
        let locked = admins()
            .filter(Column::Id.is_in(found.iter().map(UserId::uuid)))
            .order_by_asc(Column::Id)
            .lock_exclusive()
            .into_tuple::<uuid::Uuid>()
            .all(self.0);
        Ok(bounded(locked).await?.into_iter().map(Into::into).collect())
    }

    /// Inserts a user. The unique index decides whether the name is free.
    pub async fn insert(&self, user: &User, password_hash: &str) -> Result<(), InsertUserError> {
        let row = row(user, password_hash);
        unless_taken(Entity::insert(row).exec_without_returning(self.0)).await
    }

    /// Inserts several users, or none if one of the names is taken.
    pub async fn insert_all(&self, users: &[NewUser<'_>]) -> Result<(), InsertUserError> {
        let rows = users.iter().map(|(user, hash)| row(user, hash));
        unless_taken(Entity::insert_many(rows).exec_without_returning(self.0)).await
    }

    /// Returns those of the given normalized names that are taken.
    pub async fn taken(&self, keys: &[&str]) -> Result<HashSet<String>, StoreError> {
        let rows = Entity::find()
            .select_only()
            .column(Column::UsernameKey)
            .filter(Column::UsernameKey.is_in(keys.iter().copied()))
            .into_tuple()
            .all(self.0);
        Ok(bounded(rows).await?.into_iter().collect())
    }

    /// Returns the usernames of those of the given users that exist.
    pub async fn present(&self, ids: &[UserId]) -> Result<HashMap<UserId, Username>, StoreError> {
        let rows = Entity::find()
            .select_only()
            .column(Column::Id)
            .column(Column::Username)
            .filter(Column::Id.is_in(ids.iter().map(UserId::uuid)))
            .into_tuple::<(uuid::Uuid, String)>()
            .all(self.0);
        let names = bounded(rows).await?.into_iter();
        Ok(names
            .filter_map(|(id, name)| Some((id.into(), Username::parse(&name).ok()?)))
            .collect())
    }

    /// Returns at most `limit` users, ordered by id, after the user `last`.
    pub async fn after(
        &self,
        last: Option<UserId>,
        limit: u64,
    ) -> Result<Vec<StoredPassword>, StoreError> {
        let mut some = Entity::find().order_by_asc(Column::Id).limit(limit);
        if let Some(last) = last {
            some = some.filter(Column::Id.gt(last.uuid()));
        }
        Ok(bounded(some.all(self.0))
            .await?
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// Changes a user's name. The unique index decides whether the name is free.
    pub(crate) async fn rename(
        &self,
        id: UserId,
        username: &Username,
    ) -> Result<(), InsertUserError> {
        let update = change(id)
            .col_expr(Column::Username, Expr::value(username.as_typed()))
            .col_expr(Column::UsernameKey, Expr::value(username.key()));
        unless_taken(update.exec(self.0)).await
    }

    /// Sets a new password hash and increments the password's version, so that sessions and device cookies of the old
    /// password become invalid.
    pub async fn set_password(&self, id: UserId, hash: &str) -> Result<(), StoreError> {
        let version = Expr::col(Column::PasswordVersion).add(1);
        let update = change(id)
            .col_expr(Column::PasswordHash, Expr::value(hash))
            .col_expr(Column::PasswordVersion, version);
        bounded(update.exec(self.0)).await?;
        Ok(())
    }

    /// Disables or enables a user.
    pub(crate) async fn set_disabled(
        &self,
        id: UserId,
        at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let update = change(id).col_expr(Column::DisabledAt, Expr::value(at));
        bounded(update.exec(self.0)).await?;
        Ok(())
    }

    /// Sets a user's roles.
    pub(crate) async fn set_roles(&self, id: UserId, roles: &Roles) -> Result<(), StoreError> {
        let update = change(id)
            .col_expr(Column::Roles, Expr::value(stored(roles)))
            .col_expr(Column::IsAdmin, Expr::value(roles.is_admin()));
        bounded(update.exec(self.0)).await?;
        Ok(())
    }

    /// Deletes a user. Foreign keys delete the user's rows in other tables.
    pub(crate) async fn delete(&self, id: UserId) -> Result<(), StoreError> {
        bounded(Entity::delete_by_id(id.uuid()).exec(self.0)).await?;
        Ok(())
    }

    /// Replaces a password hash if it still is `old`. Returns whether it was.
    ///
    /// Without the condition, an upgrade of the hash at login could overwrite a password that was just changed.
    pub async fn replace_hash(&self, id: UserId, old: &str, new: &str) -> Result<bool, StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::PasswordHash, Expr::value(new))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::PasswordHash.eq(old))
            .exec(self.0);
        Ok(bounded(update).await?.rows_affected == 1)
    }
}

fn admins() -> Select<Entity> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::IsAdmin.eq(true))
        .filter(Column::DisabledAt.is_null())
}

fn row(user: &User, password_hash: &str) -> user::ActiveModel {
    user::ActiveModel {
        id: Set(user.id.uuid()),
        username: Set(user.username.as_typed().to_owned()),
        username_key: Set(user.username.key().to_owned()),
        password_hash: Set(password_hash.to_owned()),
        created_at: Set(user.created_at),
        roles: Set(stored(&user.roles)),
        is_admin: Set(user.roles.is_admin()),
        disabled_at: Set(user.disabled_at),
        password_version: Set(0),
    }
}

fn change(id: UserId) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::Id.eq(id.uuid()))
}

/// Returns the condition that a user has a role.
pub(crate) fn has_role(role: &str) -> Expr {
    Column::Roles.like(LikeExpr::new(format!("% {} %", escape(role))).escape(ESCAPE))
}

/// The escape character for wildcards in LIKE. MySQL would need a second escape for a backslash.
pub(crate) const ESCAPE: char = '!';

/// Escapes LIKE's wildcards in a text.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if matches!(char, '%' | '_' | ESCAPE) {
            escaped.push(ESCAPE);
        }
        escaped.push(char);
    }
    escaped
}

/// Returns the roles with a space at either end, so that a query can search for a role as a word.
fn stored(roles: &Roles) -> String {
    format!(" {roles} ")
}

/// Waits for a statement. Returns [`InsertUserError::UsernameTaken`] if a unique index refuses it.
pub(crate) async fn unless_taken<T>(
    statement: impl Future<Output = Result<T, DbErr>>,
) -> Result<(), InsertUserError> {
    let taken =
        |error: &DbErr| matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)));
    let done = bounded(async {
        match statement.await {
            Err(error) if taken(&error) => Ok(false),
            other => other.map(|_| true),
        }
    });
    if done.await? {
        Ok(())
    } else {
        Err(InsertUserError::UsernameTaken)
    }
}

impl From<user::Model> for StoredPassword {
    fn from(row: user::Model) -> Self {
        Self {
            hash: row.password_hash.clone(),
            version: row.password_version,
            user: row.into(),
        }
    }
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        Self {
            id: row.id.into(),
            username: Username::restore(row.username, row.username_key),
            created_at: row.created_at,
            roles: Roles::read(&row.roles),
            disabled_at: row.disabled_at,
        }
    }
}
