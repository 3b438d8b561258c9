//! A row of `sessions`.

use sea_orm::entity::prelude::*;

/// A remembered sign-in.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// SHA-256 of the cookie's token.
    #[sea_orm(unique)]
    pub token_hash: Vec<u8>,
    /// When it was opened.
    pub created_at: DateTimeUtc,
    /// When its person last proved who they are.
    pub authenticated_at: DateTimeUtc,
    /// When it was last used, to the minute.
    pub last_seen_at: DateTimeUtc,
    /// The absolute end.
    pub expires_at: DateTimeUtc,
    /// Whether it outlives the browser's window.
    pub persistent: bool,
    /// From where it was opened.
    pub client_address: Option<String>,
    /// By what it was opened.
    pub user_agent: Option<String>,
    /// Whose it is.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<crate::store::entity::user::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
