//! `AuthSettings`.

use async_graphql::SimpleObject;

use crate::{
    config::feature::Registration,
    domain::{password, username},
};

/// The rules of this server for usernames and passwords. A character is a Unicode code point.
#[derive(SimpleObject)]
pub struct AuthSettings {
    /// The maximum length of a username, in characters.
    username_max_length: usize,
    /// The minimum length of a new password, in characters.
    password_min_length: usize,
    /// The maximum length of a password, in characters.
    password_max_length: usize,
    /// Whether new users can register.
    registration_open: bool,
}

impl AuthSettings {
    /// Returns the current settings.
    pub fn new(registration: Registration) -> Self {
        Self {
            username_max_length: username::MAX_CHARS,
            password_min_length: password::MIN_CHARS,
            password_max_length: password::MAX_CHARS,
            registration_open: registration == Registration::Open,
        }
    }
}
