//! Which new passwords are too easy to guess: common ones, breached ones, and those made of what everybody knows.

use std::{path::PathBuf, sync::Arc};

use super::breached::BreachedPasswords;
use crate::domain::{common_password::is_common, password::Password, username::Username};

/// Characters from which on a username counts as a word: a shorter one is in too many good passwords.
const USERNAME_CHARS: usize = 4;
/// The name that an attacker of this service thinks of first.
const SERVICE: &str = "gatelodge";

/// What a new password must not be.
pub struct PasswordPolicy {
    /// Words that are easy to guess here, in lower case (ASVS 6.1.2).
    context_words: Vec<String>,
    breached: Option<Arc<BreachedPasswords>>,
}

impl PasswordPolicy {
    /// A policy with the deployment's own words, and a file of breached passwords if there is one.
    pub fn new(words: &[String], breached: Option<&PathBuf>) -> std::io::Result<Self> {
        let mut context_words: Vec<_> = words.iter().map(|word| word.to_lowercase()).collect();
        context_words.push(SERVICE.to_owned());
        let breached = breached
            .map(|path| BreachedPasswords::open(path))
            .transpose()?;
        Ok(Self {
            context_words,
            breached: breached.map(Arc::new),
        })
    }

    /// Whether a password is among the first that an attacker of this person tries.
    pub async fn is_too_common(&self, password: &Password, username: &Username) -> bool {
        is_common(password.as_str())
            || self.holds_a_known_word(password, username)
            || self.is_breached(password).await
    }

    fn holds_a_known_word(&self, password: &Password, username: &Username) -> bool {
        let password = password.as_str().to_lowercase();
        let holds = |word: &str| !word.is_empty() && password.contains(word);
        let typed = username.as_typed().to_lowercase();
        let is_word = typed.chars().count() >= USERNAME_CHARS;
        (is_word && (holds(&typed) || holds(username.key())))
            || self.context_words.iter().any(|word| holds(word))
    }

    /// Looks a password up on disk, off the async threads. Nobody is refused because a file cannot be read.
    async fn is_breached(&self, password: &Password) -> bool {
        let Some(breached) = self.breached.clone() else {
            return false;
        };
        let hash = BreachedPasswords::hash(password);
        match tokio::task::spawn_blocking(move || breached.contains(&hash)).await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                tracing::error!(%error, "the file of breached passwords could not be read");
                false
            }
            Err(error) => {
                tracing::error!(%error, "the look-up of a breached password broke off");
                false
            }
        }
    }
}
