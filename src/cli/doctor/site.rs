//! What browsers call one site: the same scheme, and the same domain under a public suffix such as `com` or `co.uk`.

use url::{Host, Url};

/// The site of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    scheme: String,
    /// The registrable domain. The whole host if there is none: an address, `localhost`, or a public suffix.
    domain: String,
}

impl Site {
    /// Returns the site of a URL.
    pub fn of(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        let domain = match url.host() {
            Some(Host::Domain(_)) => registrable(host).unwrap_or(host),
            _ => host,
        };
        Self {
            scheme: url.scheme().to_owned(),
            domain: domain.to_owned(),
        }
    }

    /// Returns whether both have the same domain, whatever their schemes.
    pub fn has_domain_of(&self, other: &Self) -> bool {
        self.domain == other.domain
    }
}

/// Returns the registrable domain of a host name: a public suffix, and one label in front of it.
fn registrable(host: &str) -> Option<&str> {
    psl::domain_str(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_a_scheme_and_a_registrable_domain() {
        for (one, other, same) in [
            ("https://app.example.com", "https://auth.example.com", true),
            ("https://example.com", "https://auth.example.com:8443", true),
            ("https://a.b.example.co.uk", "https://example.co.uk", true),
            ("https://one.co.uk", "https://other.co.uk", false),
            // These suffixes belong to hosts of other users' pages.
            ("https://one.github.io", "https://other.github.io", false),
            ("https://one.vercel.app", "https://other.vercel.app", false),
            ("https://example.com", "http://example.com", false),
            ("http://localhost:5173", "http://localhost:8000", true),
            ("http://localhost:5173", "http://127.0.0.1:8000", false),
            ("http://10.0.0.1", "http://10.0.0.2", false),
            ("http://[::1]:1", "http://[::1]:2", true),
            ("https://app.internal", "https://auth.internal", false),
            (
                "https://app.corp.internal",
                "https://auth.corp.internal",
                true,
            ),
        ] {
            let sites = [one, other].map(|url| Site::of(&Url::parse(url).unwrap()));
            assert_eq!(sites[0] == sites[1], same, "{one} {other}");
        }
    }
}
