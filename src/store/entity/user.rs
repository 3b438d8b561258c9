//! A row of `users`.

use sea_orm::entity::prelude::*;

/// A user.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The username as typed.
    pub username: String,
    /// The normalized username, which is compared.
    #[sea_orm(unique)]
    pub username_key: String,
    /// The password hash, a PHC string.
    pub password_hash: String,
    /// The time of registration.
    pub created_at: DateTimeUtc,
    /// The roles, separated by spaces, with a space at either end.
    pub roles: String,
    /// Whether `admin` is one of the roles. Indexed, to find administrators.
    pub is_admin: bool,
    /// The time since when the user is disabled; null if the user may log in.
    pub disabled_at: Option<DateTimeUtc>,
    /// How often the password was changed. Sessions and device cookies depend on it.
    pub password_version: i32,
    /// The user's sessions.
    #[sea_orm(has_many)]
    pub sessions: HasMany<crate::store::entity::session::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
