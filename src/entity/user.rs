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
    /// Where they are remembered.
    #[sea_orm(has_many)]
    pub sessions: HasMany<super::session::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
