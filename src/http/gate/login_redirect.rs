//! The redirect of a browser to the login page, with the way back to the page that it wanted.

use axum::http::HeaderValue;
use url::Url;

use crate::config::{browser::BrowserConfig, values::origin::Origin};

/// The parameter of the login URL that has the way back.
const RETURN_TO: &str = "return_to";
/// Maximum bytes of the way back in the login URL. Proxies refuse answers with longer heads.
const MAX_RETURN_TO: usize = 2048;

/// The login page, and the places to which it may return.
pub struct LoginRedirect {
    login: Url,
    origins: Vec<Origin>,
    own: Vec<Url>,
}

impl LoginRedirect {
    /// Creates redirects to a login page.
    pub fn new(login: Url, browser: &BrowserConfig) -> Self {
        let own = browser.public_url.own_origins();
        Self {
            login,
            origins: browser.origins(),
            own: own
                .iter()
                .filter_map(|origin| Url::parse(origin.as_str()).ok())
                .collect(),
        }
    }

    /// Returns the login URL with the way back to the original URL: its scheme, host and target, as a trusted proxy has
    /// named them. Without a way back that is allowed, it returns the login URL alone.
    pub fn location(&self, original: Option<(&str, &str, &str)>) -> Option<HeaderValue> {
        let mut location = self.login.clone();
        if let Some(url) = original.and_then(|original| self.return_to(original)) {
            location
                .query_pairs_mut()
                .append_pair(RETURN_TO, url.as_str());
            if location.as_str().len() > self.login.as_str().len() + MAX_RETURN_TO {
                location = self.login.clone();
            }
        }
        HeaderValue::from_str(location.as_str()).ok()
    }

    /// Returns the original URL, if its host is the public URL's or its origin is allowed. Everything else would be an
    /// open redirect: a link to the login page that leads to an attacker's page afterwards.
    fn return_to(&self, (scheme, host, target): (&str, &str, &str)) -> Option<Url> {
        // The URL parser would drop tabs and line breaks.
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if !matches!(scheme, "http" | "https") || !is_plain(host) || !is_plain(target) {
            return None;
        }
        // A request's target has no fragment (RFC 9112, section 3.2.1).
        if !target.starts_with('/') || target.contains('#') {
            return None;
        }
        let base = Url::parse(&format!("{scheme}://{host}")).ok()?;
        // The host must be a host and a port alone, without a user, a path or a query.
        let origin = Origin::of(&base);
        if base.as_str().strip_suffix('/') != Some(origin.as_str()) || !self.allows(&base) {
            return None;
        }
        let url = Url::parse(&format!("{origin}{target}")).ok()?;
        // A login page that uses only the path must not be led to another host by `//host`.
        (Origin::of(&url) == origin && !url.path().starts_with("//")).then_some(url)
    }

    fn allows(&self, url: &Url) -> bool {
        let is_own = |own: &Url| own.scheme() == url.scheme() && own.host_str() == url.host_str();
        self.own.iter().any(is_own) || self.origins.contains(&Origin::of(url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirect(login: &str, public: &str) -> LoginRedirect {
        #[derive(clap::Parser)]
        struct Only {
            #[command(flatten)]
            browser: BrowserConfig,
        }
        let arguments = [
            "gatelodge",
            "--public-url",
            public,
            "--allowed-origins",
            "https://app.example.com",
        ];
        let browser = <Only as clap::Parser>::parse_from(arguments).browser;
        LoginRedirect::new(login.parse().unwrap(), &browser)
    }

    fn location(redirect: &LoginRedirect, original: Option<(&str, &str, &str)>) -> String {
        let location = redirect.location(original).unwrap();
        location.to_str().unwrap().to_owned()
    }

    const LOGIN: &str = "https://app.example.com/login";
    const PUBLIC: &str = "https://gate.example.com";

    #[test]
    fn the_way_back_is_appended_to_the_login_url() {
        let original = Some(("https", "gate.example.com", "/a?b=c&d=%26"));
        let encoded = "return_to=https%3A%2F%2Fgate.example.com%2Fa%3Fb%3Dc%26d%3D%2526";
        for (login, expected) in [
            (LOGIN, format!("{LOGIN}?{encoded}")),
            (
                "https://app.example.com/login?lang=de%20x",
                format!("{LOGIN}?lang=de%20x&{encoded}"),
            ),
            (
                "https://app.example.com/#/login",
                format!("https://app.example.com/?{encoded}#/login"),
            ),
        ] {
            assert_eq!(location(&redirect(login, PUBLIC), original), expected);
        }
    }

    #[test]
    fn the_public_host_and_allowed_origins_are_ways_back() {
        let redirect = redirect(LOGIN, PUBLIC);
        for (scheme, host, target, expected) in [
            (
                "https",
                "gate.example.com",
                "/",
                "https://gate.example.com/",
            ),
            (
                "https",
                "GATE.example.com:443",
                "/x",
                "https://gate.example.com/x",
            ),
            (
                "https",
                "gate.example.com:8443",
                "/x",
                "https://gate.example.com:8443/x",
            ),
            (
                "https",
                "app.example.com",
                "/x",
                "https://app.example.com/x",
            ),
            (
                "https",
                "gate.example.com",
                "/a/../b/%2e%2e/c/%zz",
                "https://gate.example.com/c/%zz",
            ),
            (
                "https",
                "gate.example.com",
                "/a//b?x=//evil.test",
                "https://gate.example.com/a//b?x=//evil.test",
            ),
        ] {
            let found = redirect.return_to((scheme, host, target));
            assert_eq!(found.as_ref().map(Url::as_str), Some(expected));
        }
    }

    #[test]
    fn every_other_way_back_is_left_out() {
        let redirect = redirect(LOGIN, PUBLIC);
        let long = format!("/{}", "x".repeat(3000));
        for (scheme, host, target) in [
            ("https", "evil.test", "/"),
            ("https", "gate.example.com.evil.test", "/"),
            ("https", "evil-gate.example.com", "/"),
            ("https", "gate.example.com.", "/"),
            ("https", "gate.example.com@evil.test", "/"),
            ("https", "good@gate.example.com", "/"),
            ("https", "evil.test/gate.example.com", "/"),
            ("https", "evil.test\\gate.example.com", "/"),
            ("https", "evil.test#gate.example.com", "/"),
            ("https", "gate.example.com/evil", "/"),
            ("https", "gate.example.com?x", "/"),
            ("https", "gate.example.com#", "/"),
            ("https", "gate.example.com\t", "/"),
            ("https", "gate.example.com, evil.test", "/"),
            ("https", "app.example.com:8443", "/"),
            ("http", "app.example.com", "/"),
            ("http", "gate.example.com", "/"),
            ("https, http", "gate.example.com", "/"),
            ("javascript", "gate.example.com", "/"),
            ("", "gate.example.com", "/"),
            ("https", "", "/"),
            ("https", "gate.example.com", ""),
            ("https", "gate.example.com", ".evil.test/"),
            ("https", "gate.example.com", "@evil.test/"),
            ("https", "gate.example.com", ":1@evil.test/"),
            ("https", "gate.example.com", "https:evil.test"),
            ("https", "gate.example.com", "javascript:alert(1)"),
            ("https", "gate.example.com", "//evil.test"),
            ("https", "gate.example.com", "/\\evil.test"),
            ("https", "gate.example.com", "\\\\evil.test"),
            ("https", "gate.example.com", "/..//evil.test"),
            ("https", "gate.example.com", "/\t/evil.test"),
            ("https", "gate.example.com", "/ /evil.test"),
            ("https", "gate.example.com", "/x\u{7f}"),
            ("https", "gate.example.com", "/é"),
            ("https", "gate.example.com", "/x#y"),
            ("https", "gate.example.com", &long),
        ] {
            let found = location(&redirect, Some((scheme, host, target)));
            assert_eq!(found, LOGIN, "{scheme} {host} {target}");
        }
        assert_eq!(location(&redirect, None), LOGIN);
        // Encoded bytes stay encoded: they are part of the path.
        let encoded = location(
            &redirect,
            Some(("https", "gate.example.com", "/%09/%0d%0ax")),
        );
        assert!(encoded.ends_with("%2F%2509%2F%250d%250ax"), "{encoded}");
    }
}
