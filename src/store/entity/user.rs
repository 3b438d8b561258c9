//! A row of `users`.

use sea_orm::entity::prelude::*;

/// A person.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As typed.
    pub username: String,
    /// As compared.
    #[sea_orm(unique)]
    pub username_key: String,
    /// A PHC string.
    pub password_hash: String,
    /// When they registered.
    pub created_at: DateTimeUtc,
    /// Words between spaces, with a space at either end.
    pub roles: String,
    /// Whether `admin` is one of them: by this they are found.
    pub is_admin: bool,
    /// Since when they may not log in.
    pub disabled_at: Option<DateTimeUtc>,
    /// How often the password was changed: sessions and device marks are bound to it.
    pub password_version: i32,
    /// Where they are remembered.
    #[sea_orm(has_many)]
    pub sessions: HasMany<crate::store::entity::session::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
