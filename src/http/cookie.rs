//! The session cookie and the device cookie: their names, flags and parsing.

use std::fmt;

use axum::http::{HeaderMap, header};
use tower_cookies::{
    Cookie, Cookies,
    cookie::{self, time},
};

use crate::{
    config::browser::{BrowserConfig, SameSite},
    domain::{device::Device, token::SessionToken},
    graphql::context::CookieChange,
};

/// How long browsers keep the device cookie: the maximum for any cookie (RFC 6265bis, section 5.5).
const DEVICE_MAX_AGE: time::Duration = time::Duration::days(400);

/// The names and flags of the cookies. They depend on the public URL.
pub struct SessionCookie {
    name: &'static str,
    device_name: &'static str,
    secure: bool,
    same_site: SameSite,
}

impl SessionCookie {
    /// Chooses names and flags by the settings. With https, the name's prefix `__Host-` stops sibling subdomains and
    /// plain http from setting the cookie (RFC 6265bis, section 4.1.3.2). With plain http, browsers accept neither the
    /// prefix nor Secure.
    pub fn of(config: &BrowserConfig) -> Self {
        let secure = config.public_url.is_https();
        let (name, device_name) = if secure {
            ("__Host-gatelodge", "__Host-gatelodge-device")
        } else {
            ("gatelodge", "gatelodge-device")
        };
        Self {
            name,
            device_name,
            secure,
            same_site: config.cookie_samesite,
        }
    }

    /// Returns the session cookie's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns a request's session token, if the request has exactly one session cookie.
    ///
    /// Names are compared byte by byte. A parser that decodes or trims names would accept a cookie of another name, and
    /// so bypass the browser's protection of the prefix. If two cookies have our name, an attacker may have set one of
    /// them, and we cannot know which: both are ignored.
    pub fn read(&self, headers: &HeaderMap) -> Option<SessionToken> {
        SessionToken::parse(only(headers, self.name)?)
    }

    /// Returns a request's device cookie.
    pub fn read_device(&self, headers: &HeaderMap) -> Option<Device> {
        Device::parse(only(headers, self.device_name)?)
    }

    /// Adds the cookies of a change to the response.
    pub fn write(&self, cookies: &Cookies, change: &CookieChange) {
        let (value, max_age) = match change {
            CookieChange::Set {
                token,
                max_age,
                device,
                ..
            } => {
                cookies.add(self.build(self.device_name, device.encode(), Some(DEVICE_MAX_AGE)));
                let max_age = max_age.map(|age| time::Duration::seconds(age.num_seconds()));
                (token.encode(), max_age)
            }
            // The device cookie stays: the user may log in again.
            CookieChange::Clear => (String::new(), Some(time::Duration::ZERO)),
        };
        cookies.add(self.build(self.name, value, max_age));
    }

    fn build(
        &self,
        name: &'static str,
        value: String,
        max_age: Option<time::Duration>,
    ) -> Cookie<'static> {
        let mut cookie = Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(match self.same_site {
                SameSite::Strict => cookie::SameSite::Strict,
                SameSite::Lax => cookie::SameSite::Lax,
                SameSite::None => cookie::SameSite::None,
            });
        if let Some(max_age) = max_age {
            cookie = cookie.max_age(max_age);
        }
        if self.same_site == SameSite::None {
            // Browsers keep one cookie for each site that embeds the frontend: no tracking across sites (CHIPS).
            cookie = cookie.partitioned(true);
        }
        cookie.build()
    }
}

/// Shows the session cookie with its flags, as a browser gets it, without a value.
impl fmt::Display for SessionCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.build(self.name, "…".to_owned(), None).fmt(f)
    }
}

/// Returns the value of a cookie that occurs exactly once.
fn only<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h [u8]> {
    let mut ours = headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|value| value.as_bytes().split(|&byte| byte == b';'))
        .filter_map(|pair| {
            let (key, value) = pair.split_at(pair.iter().position(|&byte| byte == b'=')?);
            (trim(key) == name.as_bytes()).then(|| trim(&value[1..]))
        });
    let value = ours.next()?;
    if ours.next().is_some() {
        tracing::warn!(
            name,
            "a request has two cookies of one name: both are ignored"
        );
        return None;
    }
    Some(value)
}

/// Removes the white space that RFC 6265 allows around names and values: only spaces and tabs.
fn trim(bytes: &[u8]) -> &[u8] {
    let is_white = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = bytes
        .iter()
        .position(|byte| !is_white(byte))
        .unwrap_or(bytes.len());
    let end = bytes
        .iter()
        .rposition(|byte| !is_white(byte))
        .map_or(start, |last| last + 1);
    &bytes[start..end]
}
