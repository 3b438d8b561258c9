//! A row of `security_events`.

use sea_orm::entity::prelude::*;

/// A security event of a user's account.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "security_events")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The account's user; null for attempts with an unknown name. No foreign key: the event of a deletion outlives the
    /// user.
    pub user_id: Option<Uuid>,
    /// The kind of event.
    pub kind: String,
    /// The time of the event.
    pub created_at: DateTimeUtc,
    /// The client's address.
    pub client_address: Option<String>,
    /// The client's user agent.
    pub user_agent: Option<String>,
    /// The administrator who did it; null if it was the user.
    pub actor_id: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
