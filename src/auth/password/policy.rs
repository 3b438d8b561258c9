//! Rejects new passwords that are easy to guess: common ones, breached ones, and those with the username or a context
//! word.

use super::breached::BreachedPasswords;
use crate::domain::{
    password::{Password, common::is_common},
    username::Username,
};

/// The minimum length of a username that a password must not contain: shorter ones occur in many good passwords.
const MIN_USERNAME_CHARS: usize = 4;
/// The service's own name: attackers try it first.
const SERVICE_NAME: &str = "gatelodge";

/// The rules for new passwords.
pub struct PasswordPolicy {
    /// Words that are easy to guess for this deployment, in lower case (ASVS 6.1.2).
    context_words: Vec<String>,
    breached: BreachedPasswords,
}

impl PasswordPolicy {
    /// Returns a policy with the deployment's own words and the breached passwords.
    pub fn new(words: &[String], breached: BreachedPasswords) -> Self {
        let words = words.iter().map(String::as_str).chain([SERVICE_NAME]);
        Self {
            // Every password contains the empty word.
            context_words: words
                .map(|word| word.trim().to_lowercase())
                .filter(|word| !word.is_empty())
                .collect(),
            breached,
        }
    }

    /// Returns whether a password is too easy to guess for this user.
    pub async fn is_too_common(&self, password: &Password, username: &Username) -> bool {
        self.is_easy_to_guess(password, username) || self.is_breached(password).await
    }

    /// Returns the same without the breached passwords, so without a lookup.
    pub fn is_easy_to_guess(&self, password: &Password, username: &Username) -> bool {
        is_common(password.as_str()) || self.contains_known_word(password, username)
    }

    /// Returns whether a password is known from breaches.
    pub async fn is_breached(&self, password: &Password) -> bool {
        self.breached.contains(password).await
    }

    /// Returns whether [`PasswordPolicy::is_breached`] asks a service over the network.
    pub fn uses_service(&self) -> bool {
        self.breached.uses_service()
    }

    fn contains_known_word(&self, password: &Password, username: &Username) -> bool {
        let password = password.as_str().to_lowercase();
        let contains = |word: &str| password.contains(word);
        let typed = username.as_typed().to_lowercase();
        let is_word = typed.chars().count() >= MIN_USERNAME_CHARS;
        (is_word && (contains(&typed) || contains(username.key())))
            || self.context_words.iter().any(|word| contains(word))
    }
}
