//! A session cookie is accepted only if there is exactly one, and cookies with similar names have no effect.

use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderValue, header};
use gatelodge::http::cookie::SessionCookie;

/// The cookies for http and https, with their names.
static COOKIES: LazyLock<[(SessionCookie, &str); 2]> = LazyLock::new(|| {
    [
        ("http://localhost:8000", "gatelodge"),
        ("https://auth.example.com", "__Host-gatelodge"),
    ]
    .map(|(public_url, name)| {
        let arguments = ["gatelodge", "--public-url", public_url].map(Into::into);
        let config = gatelodge::cli::parse(arguments).expect("settings").browser;
        (SessionCookie::of(&config), name)
    })
});

/// Checks Cookie headers. Each line of the bytes is one header.
pub fn check(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|&byte| byte == b'\n').take(8) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(header::COOKIE, value);
        }
    }
    for (cookie, name) in &*COOKIES {
        let session = values(&headers, name);
        assert_eq!(
            cookie.read(&headers).map(|token| token.encode()),
            one(&session).filter(|value| is_token(value)),
        );
        let device = values(&headers, &format!("{name}-device"));
        if let Some(read) = cookie.read_device(&headers) {
            assert_eq!(Some(read.encode()), one(&device));
        }
    }
}

/// Returns the values of a cookie name, by a simple implementation of RFC 6265, section 5.2.
fn values(headers: &HeaderMap, name: &str) -> Vec<String> {
    let mut values = vec![];
    for line in headers.get_all(header::COOKIE) {
        // Each byte is one character: nothing is decoded.
        let line: String = line
            .as_bytes()
            .iter()
            .map(|&byte| char::from(byte))
            .collect();
        for pair in line.split(';') {
            if let Some((key, value)) = pair.split_once('=')
                && key.trim_matches([' ', '\t']) == name
            {
                values.push(value.trim_matches([' ', '\t']).to_owned());
            }
        }
    }
    values
}

fn one(values: &[String]) -> Option<String> {
    match values {
        [value] => Some(value.clone()),
        _ => None,
    }
}

/// Returns whether a value is 43 characters of base64url. The last character has two unused bits, which must be zero.
fn is_token(value: &str) -> bool {
    value.len() == 43
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && value.ends_with([
            'A', 'E', 'I', 'M', 'Q', 'U', 'Y', 'c', 'g', 'k', 'o', 's', 'w', '0', '4', '8',
        ])
}
