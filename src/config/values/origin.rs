//! A web origin, in the form that browsers send (RFC 6454, section 6.2).

use std::{fmt, str::FromStr};

use url::Url;

use super::redacted::without_password;

/// An exact origin: scheme, host, and the port unless it is the scheme's default.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// Returns the origin of a URL.
    pub fn of(url: &Url) -> Self {
        Self(url.origin().ascii_serialization())
    }

    /// Returns the origin as a browser sends it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether only pages on the user's own machine can have this origin.
    pub fn is_loopback(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| is_loopback(&url))
    }
}

/// Returns whether a URL's host is localhost.
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

    /// Accepts only the exact bytes that a browser sends, so that a plain comparison is enough later.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if matches!(text, "*" | "null") {
            return Err(format!(
                "{text} would allow any page to act for signed-in users. List exact origins, like \
                 https://app.example.com"
            ));
        }
        // A URL with a password is a mistake, and the password must not be shown.
        let shown = without_password(text);
        let url = Url::parse(text).map_err(|_| {
            format!("{shown:?} is not an origin. Write it like https://app.example.com")
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("{shown:?} must be an http or https origin"));
        }
        let origin = Self::of(&url);
        if text.contains('*') {
            return Err(format!("{shown:?} is a pattern. List exact origins"));
        }
        if origin.0 != text {
            return Err(format!(
                "{shown:?} is not what browsers send. Write {origin} instead"
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
        for with_password in ["https://me:hunter2@app.example.com", "x://me:hunter2@h"] {
            let error = with_password.parse::<Origin>().unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
