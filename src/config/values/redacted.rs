//! Values without their secrets, for humans.

/// The text in place of a secret.
pub const REDACTED: &str = "[redacted]";

/// Replaces the user and the password of a URL.
pub fn without_password(text: &str) -> String {
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, rest)), Some((_, after))) if rest.contains('@') => {
            format!("{scheme}://{REDACTED}@{after}")
        }
        _ => text.to_owned(),
    }
}
