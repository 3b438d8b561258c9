//! Searches in the table of users: pages, and names by prefix.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::LikeExpr,
};

use super::users::{ESCAPE, escape, has_role};
use crate::{
    domain::{id::UserId, role::Role, user::User, username::Username},
    store::{
        StoreError, Users,
        entity::user::{Column, Entity},
        error::bounded,
    },
};

/// A filter for users. A user must match all set conditions.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// The normalized username starts with this one.
    pub begins: Option<Username>,
    /// The user has this role.
    pub role: Option<Role>,
    /// The user is disabled.
    pub disabled: bool,
}

impl<C: ConnectionTrait> Users<'_, C> {
    /// Returns users, newest first: at most `limit`, older than `after`.
    pub async fn page(
        &self,
        filter: &UserFilter,
        after: Option<UserId>,
        limit: u64,
    ) -> Result<Vec<User>, StoreError> {
        let backend = self.0.get_database_backend();
        let wanted = Condition::all()
            .add_option(
                filter
                    .begins
                    .as_ref()
                    .map(|name| begins(backend, name.key())),
            )
            .add_option(filter.role.as_ref().map(|role| has_role(role.as_str())))
            .add_option(filter.disabled.then(|| Column::DisabledAt.is_not_null()))
            .add_option(after.map(|after| Column::Id.lt(after.uuid())));
        let page = Entity::find()
            .filter(wanted)
            .order_by_desc(Column::Id)
            .limit(limit)
            .all(self.0);
        Ok(bounded(page).await?.into_iter().map(Into::into).collect())
    }

    /// Returns at most `limit` names whose normalized form starts with `prefix`.
    pub async fn names(&self, prefix: &str, limit: u64) -> Result<Vec<String>, StoreError> {
        let names = Entity::find()
            .select_only()
            .column(Column::Username)
            .filter(begins(self.0.get_database_backend(), prefix))
            .limit(limit)
            .into_tuple()
            .all(self.0);
        bounded(names).await
    }
}

/// Returns the condition that a normalized name starts with `prefix`.
///
/// SQLite and MySQL compare names byte by byte, so a prefix is a range of the unique index. PostgreSQL may use a
/// language's sort order, in which a prefix is not a range.
fn begins(backend: DbBackend, prefix: &str) -> Condition {
    if backend == DbBackend::Postgres {
        let pattern = LikeExpr::new(escape(prefix) + "%").escape(ESCAPE);
        return Condition::all().add(Column::UsernameKey.like(pattern));
    }
    let last = format!("{prefix}{}", char::MAX);
    Condition::all()
        .add(Column::UsernameKey.gte(prefix))
        .add(Column::UsernameKey.lte(last))
}
