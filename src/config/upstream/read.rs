//! Reads the values of `[graphql-upstream]`, and refuses wrong ones.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Deserializer, de};
use url::Url;

use crate::config::{
    token,
    values::{
        byte_size, duration,
        requirement::{Requirement, Requirements},
    },
};

/// Maximum bytes of a type prefix.
const MAX_PREFIX: usize = 64;
/// Keys of a request's `extensions` that are never forwarded. `headers` is a second way to send request headers in some
/// servers, past the gate's header rules. `persistedQuery` names a document, so the service could run another one than the
/// one that was checked.
const NEVER_FORWARDED: [&str; 2] = ["headers", "persistedQuery"];

/// Parses the address of the service.
pub fn url(text: &str) -> Result<Url, String> {
    let example = "Write it like http://tasks:9000/graphql";
    let url = Url::parse(text).map_err(|_| format!("is not a URL. {example}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("must be an http or https URL. {example}"));
    }
    // The gate authenticates by the identity token. A password here would be printed and logged with the address.
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(format!("must be without user, password and #. {example}"));
    }
    if url.as_str().parse::<hyper::Uri>().is_err() {
        return Err(format!(
            "has characters that HTTP does not allow in an address. Percent-encode them. {example}"
        ));
    }
    Ok(url)
}

/// Parses a text of the table by a rule.
fn text<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    rule: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    rule(&text).map_err(de::Error::custom)
}

/// Reads the address.
pub(super) fn url_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Url>, D::Error> {
    text(deserializer, url).map(Some)
}

/// Reads the audience.
pub(super) fn audience<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    text(deserializer, token::audience).map(Some)
}

/// Reads the path of the schema.
pub(super) fn schema<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<PathBuf>, D::Error> {
    text(deserializer, |text| {
        if text.is_empty() {
            return Err("is empty. Name a file, or remove the key".to_owned());
        }
        Ok(Some(text.into()))
    })
}

/// Reads a time-out.
pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    text(deserializer, duration::parse)
}

/// Reads the lifetime of a token: an hour at most, because the keys that verify it are published for two (see `identity`).
pub(super) fn token_lifetime<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Duration, D::Error> {
    let lifetime = time(deserializer)?;
    if lifetime > Duration::from_hours(1) {
        return Err(de::Error::custom("must be 1h or less"));
    }
    Ok(lifetime)
}

/// Reads requirements. `none` beside another one would let every request pass, and an empty list may be a mistake.
pub(super) fn require<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Requirements, D::Error> {
    let require = Requirements::deserialize(deserializer)?;
    if require.is_open() && require != Requirements::new(vec![Requirement::None]) {
        return Err(de::Error::custom(
            "would let every request pass. If that is meant, write \"none\" alone",
        ));
    }
    Ok(require)
}

/// Reads the prefix of type names.
pub(super) fn type_prefix<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    text(deserializer, |prefix| {
        let is_name = prefix
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !prefix.starts_with(|char: char| char.is_ascii_digit());
        // Names that begin with two underscores belong to introspection (GraphQL specification, section 2.1.9).
        if is_name && !prefix.starts_with("__") && prefix.len() <= MAX_PREFIX {
            Ok(prefix.to_owned())
        } else {
            Err(format!(
                "must be the beginning of a GraphQL name, up to {MAX_PREFIX} letters, digits and _. Write it like \"Gate\""
            ))
        }
    })
}

/// Reads a size: a number of bytes, or a text with a unit.
pub(super) fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    #[derive(Deserialize)]
    #[serde(
        untagged,
        expecting = "is not a size. Write a number of bytes, or a text like \"8MiB\""
    )]
    enum Size {
        Number(u64),
        Text(String),
    }
    let size = match Size::deserialize(deserializer)? {
        Size::Number(number) => number,
        Size::Text(text) => byte_size::parse(&text).map_err(de::Error::custom)?,
    };
    match usize::try_from(size) {
        Ok(size) if size > 0 => Ok(size),
        Ok(_) => Err(de::Error::custom("must be 1 or more")),
        Err(_) => Err(de::Error::custom("is larger than this machine's memory")),
    }
}

/// Reads a limit. A limit of 0 would refuse every request.
pub(super) fn at_least_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    match usize::deserialize(deserializer)? {
        0 => Err(de::Error::custom("must be 1 or more")),
        number => Ok(number),
    }
}

/// Reads the keys of `extensions` that are forwarded.
pub(super) fn extensions<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    keys(deserializer, |key| NEVER_FORWARDED.contains(&key))
}

/// Reads the keys of a `connection_init` payload that are forwarded. Services read an identity from these,
/// in many spellings.
pub(super) fn connection_params<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    const IDENTITIES: [&str; 10] = [
        "authorization",
        "cookie",
        "forwarded",
        "gatelodge",
        "headers",
        "proxyauthorization",
        "remote",
        "xauth",
        "xhasura",
        "xuser",
    ];
    keys(deserializer, |key| {
        let letters = key.chars().filter(char::is_ascii_alphanumeric);
        let folded: String = letters.map(|char| char.to_ascii_lowercase()).collect();
        IDENTITIES.iter().any(|name| folded.starts_with(name))
    })
}

/// Reads a list of keys. None of them may be empty or forbidden.
fn keys<'de, D: Deserializer<'de>>(
    deserializer: D,
    is_forbidden: impl Fn(&str) -> bool,
) -> Result<Vec<String>, D::Error> {
    let keys = Vec::<String>::deserialize(deserializer)?;
    for key in &keys {
        if key.is_empty() {
            return Err(de::Error::custom("has an empty name. Remove it"));
        }
        if is_forbidden(key) {
            return Err(de::Error::custom(format!(
                "names {key:?}, which is never forwarded: it could replace what the gate has checked. Remove it"
            )));
        }
    }
    Ok(keys)
}
