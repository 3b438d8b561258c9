//! Looking through the table of people: pages of it, and names that begin alike.

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

/// Which people are looked for: those of whom all holds that is said.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Their name, as it is compared, begins like this one.
    pub begins: Option<Username>,
    /// They have this role.
    pub role: Option<Role>,
    /// They may not log in.
    pub disabled: bool,
}

impl<C: ConnectionTrait> Users<'_, C> {
    /// People, the newest first: at most `most`, older than `after`.
    pub async fn page(
        &self,
        filter: &UserFilter,
        after: Option<UserId>,
        most: u64,
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
            .limit(most)
            .all(self.0);
        Ok(bounded(page).await?.into_iter().map(Into::into).collect())
    }

    /// At most `most` names whose compared form begins so.
    pub async fn names(&self, beginning: &str, most: u64) -> Result<Vec<String>, StoreError> {
        let names = Entity::find()
            .select_only()
            .column(Column::Username)
            .filter(begins(self.0.get_database_backend(), beginning))
            .limit(most)
            .into_tuple()
            .all(self.0);
        bounded(names).await
    }
}

/// Names whose compared form begins so.
///
/// SQLite and MySQL compare names byte by byte, so that a beginning is a range of the unique index. PostgreSQL may
/// compare by a language's order, in which it is none.
fn begins(backend: DbBackend, beginning: &str) -> Condition {
    if backend == DbBackend::Postgres {
        let pattern = LikeExpr::new(escape(beginning) + "%").escape(ESCAPE);
        return Condition::all().add(Column::UsernameKey.like(pattern));
    }
    let last = format!("{beginning}{}", char::MAX);
    Condition::all()
        .add(Column::UsernameKey.gte(beginning))
        .add(Column::UsernameKey.lte(last))
}
