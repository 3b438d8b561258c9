//! `User`.

use async_graphql::{ID, Object};
use chrono::{DateTime, Utc};

use crate::domain::user;

/// A registered person.
pub struct User(pub user::User);

/// A registered person.
#[Object]
impl User {
    /// Names the person for ever; the same in tokens and headers that services receive.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The name as its owner typed it.
    async fn username(&self) -> &str {
        &self.0.username
    }

    /// When they registered.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}
