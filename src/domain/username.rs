//! Usernames: shown as typed, unique by PRECIS UsernameCaseMapped (RFC 8265, section 3.3).

use precis_profiles::{UsernameCaseMapped, precis_core::profile::PrecisFastInvocation};
use thiserror::Error;

use super::id::{EventId, SessionId, UserId};

/// Most characters of a username.
pub const MAX_CHARS: usize = 150;

/// A username that Gatelodge can take, with the form by which it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username {
    typed: String,
    key: String,
}

/// Why a username cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UsernameError {
    /// Not 1 to [`MAX_CHARS`] code points.
    #[error("Username must have 1 to {MAX_CHARS} characters")]
    Length,
    /// A space, a control or invisible character, a symbol, or a mix that RFC 8265 refuses.
    #[error("Username may hold letters, digits and punctuation only, without spaces")]
    Characters,
    /// The form of an id: where commands and queries take a name or an id, it would be another user's.
    #[error("Username must not have the form of an id, like user_01h455vb4pex5vsknk084sn02q")]
    IsAnId,
}

fn prepare(name: &str) -> Result<String, UsernameError> {
    UsernameCaseMapped::enforce(name)
        .map(Into::into)
        .map_err(|_| UsernameError::Characters)
}

/// Removes the spaces around a typed name: keyboards of phones put one after each word. No name begins or ends with one.
pub fn trim(typed: String) -> String {
    let trimmed = typed.trim();
    if trimmed.len() == typed.len() {
        typed
    } else {
        trimmed.to_owned()
    }
}

/// Whether a form for comparing is that of one of our ids.
fn has_form_of_id(key: &str) -> bool {
    key.parse::<UserId>().is_ok()
        || key.parse::<SessionId>().is_ok()
        || key.parse::<EventId>().is_ok()
}

impl Username {
    /// Judges a username and prepares the form by which it is compared.
    pub fn parse(typed: &str) -> Result<Self, UsernameError> {
        // The length first: preparing 10,000 combining marks would cost more than it tells.
        if !(1..=MAX_CHARS).contains(&typed.chars().count()) {
            return Err(UsernameError::Length);
        }
        let key = prepare(typed)?;
        // Few are prepared to what would be prepared to something else, or refused; who types the one must not be
        // another person than who types the other (RFC 8264, section 7).
        if prepare(&key)? != key {
            return Err(UsernameError::Characters);
        }
        Ok(Self {
            typed: typed.to_owned(),
            key,
        })
    }

    /// Checks a username that a user is to have from now on. Beyond [`Username::parse`], which serves those who have
    /// theirs already, it refuses the form of an id.
    pub fn parse_new(typed: &str) -> Result<Self, UsernameError> {
        let username = Self::parse(typed)?;
        if has_form_of_id(&username.key) {
            return Err(UsernameError::IsAnId);
        }
        Ok(username)
    }

    /// The name as its owner typed it.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// The name as it is compared: width- and case-mapped, in NFC.
    pub fn key(&self) -> &str {
        &self.key
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
    fn a_name_whose_form_for_comparing_is_no_name_is_refused() {
        // The dot may stand between two l; the accent makes another letter of the second.
        assert_eq!(key("l·l"), "l·l");
        assert_eq!(key("l·l\u{301}"), "Characters");
    }

    #[test]
    fn a_new_name_has_not_the_form_of_an_id_in_any_spelling() {
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
