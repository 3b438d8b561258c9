//! The address by which browsers call Gatelodge.

use std::{fmt, str::FromStr};

use url::Url;

use super::origin::{Origin, is_loopback};

/// Scheme, host and port; it decides the cookie's name and flags, and the own origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// Whether browsers call by TLS.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether only browsers on this machine call.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// The own origins: that of the URL and, on loopback, its other spellings with the same port.
    pub fn own_origins(&self) -> Vec<Origin> {
        let mut origins = vec![Origin::of(&self.0)];
        if self.is_loopback() {
            for host in ["localhost", "127.0.0.1", "[::1]"] {
                let mut url = self.0.clone();
                if url.set_host(Some(host)).is_ok() {
                    origins.push(Origin::of(&url));
                }
            }
        }
        origins.dedup();
        origins
    }

    /// The URL of a path below it.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", Origin::of(&self.0))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Origin::of(&self.0).fmt(f)
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text)
            .map_err(|_| "is no URL; write it like https://auth.example.com".to_owned())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("must be an http or https URL".to_owned());
        }
        if !matches!(text.strip_prefix(Origin::of(&url).as_str()), Some("" | "/")) {
            return Err(format!(
                "must be scheme, host and port alone, like {}",
                Origin::of(&url)
            ));
        }
        Ok(Self(url))
    }
}
