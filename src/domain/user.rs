//! A person, as far as the rest of the house needs to know them.

use super::{clock::Timestamp, id::UserId, role::Roles};

/// A registered person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Names the person for ever.
    pub id: UserId,
    /// The name as its owner typed it.
    pub username: String,
    /// When they registered.
    pub created_at: Timestamp,
    /// What services behind, and administrators, let them do.
    pub roles: Roles,
    /// Since when they may not log in; `None` when they may.
    pub disabled_at: Option<Timestamp>,
}
