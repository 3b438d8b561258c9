//! A web origin, spelled as browsers send it (RFC 6454, section 6.2).

use std::{fmt, str::FromStr};

use url::Url;

/// An exact origin: scheme, host and, unless it is the scheme's own, port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// The origin of a URL.
    pub fn of(url: &Url) -> Self {
        Self(url.origin().ascii_serialization())
    }

    /// The origin as a browser sends it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether pages of this machine alone can have it.
    pub fn is_loopback(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| is_loopback(&url))
    }
}

/// Whether a URL's host is this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = String;

    /// Takes only what a browser would send, byte for byte, so that one comparison decides later.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if matches!(text, "*" | "null") {
            return Err(format!(
                "{text} would let any page act for the people signed in; list exact origins"
            ));
        }
        let url = Url::parse(text)
            .map_err(|_| format!("{text:?} is no origin; write it like https://app.example.com"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("{text:?} must be an http or https origin"));
        }
        let origin = Self::of(&url);
        if text.contains('*') {
            return Err(format!("{text:?} is a pattern; list exact origins"));
        }
        if origin.0 != text {
            return Err(format!(
                "write {origin} instead of {text:?}: browsers send it so"
            ));
        }
        Ok(origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_taken_only_as_a_browser_sends_it() {
        for right in [
            "https://app.example.com",
            "http://localhost:5173",
            "http://[::1]:8000",
            "https://xn--bcher-kva.example",
        ] {
            assert!(right.parse::<Origin>().is_ok(), "{right}");
        }
        for wrong in [
            "*",
            "null",
            "",
            "app.example.com",
            "https://app.example.com/",
            "https://app.example.com/x",
            "https://APP.example.com",
            "https://app.example.com:443",
            "https://me@app.example.com",
            "ftp://app.example.com",
            "https://*.example.com",
            " https://app.example.com",
            "https://bücher.example",
        ] {
            assert!(wrong.parse::<Origin>().is_err(), "{wrong}");
        }
    }
}
