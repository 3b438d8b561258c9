//! `AuthSettings`.

use async_graphql::SimpleObject;

use crate::{
    config::feature::Registration,
    domain::{password, username},
};

/// What this deployment asks of usernames and passwords. A character is a Unicode code point.
#[derive(SimpleObject)]
pub struct AuthSettings {
    /// Most characters of a username.
    username_max_length: usize,
    /// Fewest characters of a new password.
    password_min_length: usize,
    /// Most characters of a password.
    password_max_length: usize,
    /// Whether `register` takes new people.
    registration_open: bool,
}

impl AuthSettings {
    /// The settings as they are.
    pub fn new(registration: Registration) -> Self {
        Self {
            username_max_length: username::MAX_CHARS,
            password_min_length: password::MIN_CHARS,
            password_max_length: password::MAX_CHARS,
            registration_open: registration == Registration::Open,
        }
    }
}
