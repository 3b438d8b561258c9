//! A row of `sessions`.

use sea_orm::entity::prelude::*;

/// A session.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The id of the session's user.
    pub user_id: Uuid,
    /// The SHA-256 of the cookie's token.
    #[sea_orm(unique)]
    pub token_hash: Vec<u8>,
    /// The time of the login.
    pub created_at: DateTimeUtc,
    /// The time of the last password check.
    pub authenticated_at: DateTimeUtc,
    /// The time of the last use, to the minute.
    pub last_seen_at: DateTimeUtc,
    /// The absolute timeout.
    pub expires_at: DateTimeUtc,
    /// Whether the session outlives the browser window.
    pub persistent: bool,
    /// The client's address at login.
    pub client_address: Option<String>,
    /// The client's user agent at login.
    pub user_agent: Option<String>,
    /// The session's user.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<crate::store::entity::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
