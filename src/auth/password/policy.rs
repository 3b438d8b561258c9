//! Which new passwords are too easy to guess: common ones, breached ones, and those made of what everybody knows.

use super::breached::BreachedPasswords;
use crate::domain::{
    password::{Password, common::is_common},
    username::Username,
};

/// Characters from which on a username counts as a word: a shorter one is in too many good passwords.
const USERNAME_CHARS: usize = 4;
/// The name that an attacker of this service thinks of first.
const SERVICE: &str = "gatelodge";

/// What a new password must not be.
pub struct PasswordPolicy {
    /// Words that are easy to guess here, in lower case (ASVS 6.1.2).
    context_words: Vec<String>,
    breached: BreachedPasswords,
}

impl PasswordPolicy {
    /// A policy with the deployment's own words, and what is known from breaches.
    pub fn new(words: &[String], breached: BreachedPasswords) -> Self {
        let words = words.iter().map(String::as_str).chain([SERVICE]);
        Self {
            // Every password holds the empty word.
            context_words: words
                .map(|word| word.trim().to_lowercase())
                .filter(|word| !word.is_empty())
                .collect(),
            breached,
        }
    }

    /// Whether a password is among the first that an attacker of this person tries.
    pub async fn is_too_common(&self, password: &Password, username: &Username) -> bool {
        self.is_easy_to_guess(password, username) || self.is_breached(password).await
    }

    /// The same, as far as it can be said without asking anybody.
    pub fn is_easy_to_guess(&self, password: &Password, username: &Username) -> bool {
        is_common(password.as_str()) || self.holds_a_known_word(password, username)
    }

    /// Whether a password is known from breaches.
    pub async fn is_breached(&self, password: &Password) -> bool {
        self.breached.contain(password).await
    }

    /// Returns whether [`PasswordPolicy::is_breached`] asks a service over the network.
    pub fn asks_a_service(&self) -> bool {
        self.breached.is_service()
    }

    fn holds_a_known_word(&self, password: &Password, username: &Username) -> bool {
        let password = password.as_str().to_lowercase();
        let holds = |word: &str| password.contains(word);
        let typed = username.as_typed().to_lowercase();
        let is_word = typed.chars().count() >= USERNAME_CHARS;
        (is_word && (holds(&typed) || holds(username.key())))
            || self.context_words.iter().any(|word| holds(word))
    }
}
