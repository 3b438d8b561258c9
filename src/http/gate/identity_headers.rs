//! The headers that tell a service who is asking. Each of them is always present, and none is ever empty.
//!
//! Caddy 2.10.0 to 2.11.1 copies a header only if it has a value. With an empty or missing one, the service would receive
//! the header that the client has sent.

use std::fmt::Write as _;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    auth::session::authenticate::Authenticated,
    domain::role::{NO_ROLES, Roles},
};

/// The username, percent-encoded. Users can change it.
const USERNAME: HeaderName = HeaderName::from_static("remote-user");
/// The user's permanent id.
const USER_ID: HeaderName = HeaderName::from_static("gatelodge-user-id");
/// The session's id, which is not its token.
const SESSION_ID: HeaderName = HeaderName::from_static("gatelodge-session-id");
/// The roles, sorted and separated by commas.
const ROLES: HeaderName = HeaderName::from_static("gatelodge-roles");
/// The value of each header for a stranger, and of the roles of a user without roles.
const NOBODY: HeaderValue = HeaderValue::from_static(NO_ROLES);

/// Adds the headers of a signed-in user. Returns `None` if a value is no header's value, which is a bug.
pub fn of_user(
    headers: &mut HeaderMap,
    authenticated: &Authenticated,
    token: &SecretString,
) -> Option<()> {
    let Authenticated { user, session } = authenticated;
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).ok()?;
    bearer.set_sensitive(true);
    let value = |text: String| HeaderValue::try_from(text).ok();
    headers.insert(USERNAME, value(encode(user.username.as_typed()))?);
    headers.insert(USER_ID, value(user.id.to_string())?);
    headers.insert(SESSION_ID, value(session.id.to_string())?);
    headers.insert(ROLES, value(list(&user.roles))?);
    headers.insert(header::AUTHORIZATION, bearer);
    Some(())
}

/// Adds the headers of a stranger. There is no token.
pub fn of_stranger(headers: &mut HeaderMap) {
    for name in [USERNAME, USER_ID, SESSION_ID, ROLES] {
        headers.insert(name, NOBODY);
    }
}

/// Percent-encodes all bytes of a username but `A-Za-z0-9._~@+-`. The username `-` is `%2D`: it must not look like a
/// stranger's.
fn encode(username: &str) -> String {
    if username == NO_ROLES {
        return "%2D".to_owned();
    }
    let mut encoded = String::with_capacity(username.len());
    for byte in username.bytes() {
        if byte.is_ascii_alphanumeric() || b"._~@+-".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string never fails.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Returns the roles in order, separated by commas.
fn list(roles: &Roles) -> String {
    let mut list = String::new();
    for role in roles.iter() {
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(role);
    }
    if list.is_empty() {
        list.push_str(NO_ROLES);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_percent_encoded_but_for_plain_characters() {
        for (username, encoded) in [
            ("ada", "ada"),
            ("A.b_c~d@e+f-9", "A.b_c~d@e+f-9"),
            ("-", "%2D"),
            ("--", "--"),
            ("Zoë", "Zo%C3%AB"),
            ("名", "%E5%90%8D"),
            ("a,b", "a%2Cb"),
            ("100%", "100%25"),
            ("a\r\nX-Role: admin", "a%0D%0AX-Role%3A%20admin"),
            ("\u{10330}", "%F0%90%8C%B0"),
        ] {
            assert_eq!(encode(username), encoded);
        }
    }

    #[test]
    fn roles_are_sorted_and_never_empty() {
        for (roles, listed) in [("", "-"), ("a", "a"), ("z b:c a", "a,b:c,z")] {
            assert_eq!(list(&Roles::read(roles)), listed);
        }
    }
}
