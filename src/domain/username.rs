//! Usernames: displayed as typed, unique by PRECIS UsernameCaseMapped (RFC 8265, section 3.3).

use std::fmt;

use precis_profiles::{UsernameCaseMapped, precis_core::profile::PrecisFastInvocation};
use thiserror::Error;

use super::id::{EventId, SessionId, UserId};

/// Maximum characters of a username.
pub const MAX_CHARS: usize = 150;

/// A valid username, with its normalized form for comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username {
    typed: String,
    key: String,
}

/// Why a username is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UsernameError {
    /// Not 1 to [`MAX_CHARS`] code points.
    #[error("Username must have 1 to {MAX_CHARS} characters")]
    Length,
    /// A space, a control or invisible character, a symbol, or a mix that RFC 8265 refuses.
    #[error("Username may contain only letters, digits and punctuation, without spaces")]
    Characters,
    /// The form of an id. Commands and queries that accept a name or an id could confuse it with another user's id.
    #[error("Username must not have the form of an id, like user_01h455vb4pex5vsknk084sn02q")]
    IsAnId,
}

fn prepare(name: &str) -> Result<String, UsernameError> {
    UsernameCaseMapped::enforce(name)
        .map(Into::into)
        .map_err(|_| UsernameError::Characters)
}

/// Removes the spaces around a typed name. Phone keyboards add a space after each word, and no name starts or ends with a
/// space.
pub fn trim(typed: String) -> String {
    let trimmed = typed.trim();
    if trimmed.len() == typed.len() {
        typed
    } else {
        trimmed.to_owned()
    }
}

/// Returns whether a normalized name has the form of an id.
fn has_form_of_id(key: &str) -> bool {
    key.parse::<UserId>().is_ok()
        || key.parse::<SessionId>().is_ok()
        || key.parse::<EventId>().is_ok()
}

impl Username {
    /// Checks and normalizes a username.
    pub fn parse(typed: &str) -> Result<Self, UsernameError> {
        // Checks the length first: normalizing 10,000 combining marks would be expensive.
        if !(1..=MAX_CHARS).contains(&typed.chars().count()) {
            return Err(UsernameError::Length);
        }
        let key = prepare(typed)?;
        // The normalized form of a few names is not stable: normalizing it again changes or refuses it. Such names are
        // refused, because two users could type names that look the same (RFC 8264, section 7).
        if prepare(&key)? != key {
            return Err(UsernameError::Characters);
        }
        Ok(Self {
            typed: typed.to_owned(),
            key,
        })
    }

    /// Checks a new username. In addition to [`Username::parse`], which also accepts existing names, it refuses the form
    /// of an id.
    pub fn parse_new(typed: &str) -> Result<Self, UsernameError> {
        let username = Self::parse(typed)?;
        if has_form_of_id(&username.key) {
            return Err(UsernameError::IsAnId);
        }
        Ok(username)
    }

    /// Restores a username that was valid when it was stored. It is not checked again: a later version of the rules may
    /// refuse it, and its user must still be able to log in.
    pub fn restore(typed: String, key: String) -> Self {
        Self { typed, key }
    }

    /// Returns the name as typed.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// Returns the normalized name: width- and case-mapped, in NFC.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Shows the name as typed.
impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(typed: &str) -> String {
        Username::parse(typed).map_or_else(
            |error| format!("{error:?}"),
            |username| username.key().to_owned(),
        )
    }

    #[test]
    fn spellings_of_one_name_share_a_key() {
        for (left, right) in [
            ("Admin", "admin"),
            ("ａｄｍｉｎ", "admin"),
            ("e\u{301}va", "éva"),
        ] {
            assert_eq!(key(left), key(right), "{left:?} and {right:?}");
        }
    }

    #[test]
    fn names_that_only_look_alike_stay_two_names() {
        assert_ne!(key("admın"), key("admin"));
        assert_ne!(key("аda"), key("ada"));
    }

    #[test]
    fn control_format_bidi_and_compatibility_characters_are_refused() {
        for name in [
            "a b",
            "admin ",
            "a\0b",
            "a\nb",
            "a\u{200B}b",
            "a\u{202E}b",
            "\u{FEFF}ab",
            "ﬁona",
            "a\u{AD}b",
            "\u{212A}elvin",
        ] {
            assert_eq!(key(name), "Characters", "{name:?}");
        }
    }

    #[test]
    fn a_name_whose_normalized_form_is_invalid_is_refused() {
        // The dot is allowed between two l. The accent changes the second one to another letter.
        assert_eq!(key("l·l"), "l·l");
        assert_eq!(key("l·l\u{301}"), "Characters");
    }

    #[test]
    fn a_new_name_cannot_have_the_form_of_an_id_in_any_spelling() {
        for id in [
            "user_01h455vb4pex5vsknk084sn02q",
            "USER_01H455VB4PEX5VSKNK084SN02Q",
            "session_01h455vb4pex5vsknk084sn02q",
            "event_01h455vb4pex5vsknk084sn02q",
            "ｕser_01h455vb4pex5vsknk084sn02q",
        ] {
            assert_eq!(Username::parse_new(id), Err(UsernameError::IsAnId), "{id}");
            assert!(Username::parse(id).is_ok(), "{id}: who has it may log in");
        }
        for name in [
            "user_ada",
            "user_",
            "user",
            "team_01h455vb4pex5vsknk084sn02q",
        ] {
            assert!(Username::parse_new(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_name_has_1_to_150_characters_whatever_they_are() {
        assert_eq!(key(""), "Length");
        assert_eq!(key(&"é".repeat(150)), "é".repeat(150));
        assert_eq!(key(&"é".repeat(151)), "Length");
        assert_eq!(key(&format!("a{}", "\u{301}".repeat(10_000))), "Length");
    }
}
