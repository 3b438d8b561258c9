//! A registered user.

use super::{clock::Timestamp, id::UserId, role::Roles, username::Username};

/// A registered user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The user's permanent id.
    pub id: UserId,
    /// The username.
    pub username: Username,
    /// The time of registration.
    pub created_at: Timestamp,
    /// The user's roles.
    pub roles: Roles,
    /// The time since when the user is disabled; `None` if the user may log in.
    pub disabled_at: Option<Timestamp>,
}
