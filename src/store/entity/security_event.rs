//! A row of `security_events`.

use sea_orm::entity::prelude::*;

/// Something that happened to a person's account.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "security_events")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose account; null for tries at a name that nobody has. No foreign key: a deletion outlives its person.
    pub user_id: Option<Uuid>,
    /// What it was.
    pub kind: String,
    /// When.
    pub created_at: DateTimeUtc,
    /// From where.
    pub client_address: Option<String>,
    /// By what.
    pub user_agent: Option<String>,
    /// Who did it, when it was not the person themselves.
    pub actor_id: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
