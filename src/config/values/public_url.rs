//! The URL by which browsers call Gatelodge.

use std::{fmt, str::FromStr};

use url::Url;

use super::origin::{Origin, is_loopback};

/// A scheme, host and port. They decide the cookie's name and flags, and Gatelodge's own origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    url: Url,
    /// Whether the setting is `auto`: the port is then the listener's.
    is_auto: bool,
}

/// The setting's value for localhost and the listener's port.
const AUTO: &str = "auto";

impl PublicUrl {
    /// Returns whether browsers use TLS.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Returns whether the URL is localhost, which only browsers on this machine can reach.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// Returns Gatelodge's own origins: that of the URL and, on localhost, its other spellings with the same port.
    pub fn own_origins(&self) -> Vec<Origin> {
        let mut origins = vec![Origin::of(&self.url)];
        if self.is_loopback() {
            for host in ["localhost", "127.0.0.1", "[::1]"] {
                let mut url = self.url.clone();
                if url.set_host(Some(host)).is_ok() {
                    origins.push(Origin::of(&url));
                }
            }
        }
        origins.dedup();
        origins
    }

    /// Returns the URL with a path appended.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", Origin::of(&self.url))
    }

    /// Returns the scheme, and the host with its port if it has one.
    pub fn scheme_and_host(&self) -> (String, String) {
        let host = self.url.host_str().unwrap_or_default();
        let host = match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        (self.url.scheme().to_owned(), host)
    }

    /// Sets the listener's port, if the setting is `auto`.
    pub fn listen_on(&mut self, port: u16) {
        if self.is_auto {
            // This fails only for a URL without a host, and this URL has one.
            let _ = self.url.set_port(Some(port));
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Origin::of(&self.url).fmt(f)
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_auto = text == AUTO;
        let text = if is_auto {
            "http://localhost:8000"
        } else {
            text
        };
        let url = Url::parse(text)
            .map_err(|_| "is not a URL. Write it like https://auth.example.com".to_owned())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("must be an http or https URL".to_owned());
        }
        if !matches!(text.strip_prefix(Origin::of(&url).as_str()), Some("" | "/")) {
            return Err(format!(
                "must be only scheme, host and port. Write {}",
                Origin::of(&url)
            ));
        }
        Ok(Self { url, is_auto })
    }
}

#[cfg(test)]
mod tests {
    use super::PublicUrl;

    #[test]
    fn auto_takes_the_port_that_is_listened_on_and_a_set_url_keeps_its_own() {
        for (text, port, shown) in [
            ("auto", 8000, "http://localhost:8000"),
            ("auto", 9000, "http://localhost:9000"),
            ("auto", 80, "http://localhost"),
            ("http://localhost:8000", 9000, "http://localhost:8000"),
            ("https://auth.example.com", 9000, "https://auth.example.com"),
        ] {
            let mut url: PublicUrl = text.parse().unwrap();
            url.listen_on(port);
            assert_eq!(url.to_string(), shown);
        }
    }
}
