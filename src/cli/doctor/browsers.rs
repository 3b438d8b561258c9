//! What browsers do with each frontend: whether they send and keep the cookie, and whether Gatelodge answers the page.

use url::Url;

use super::{finding::Finding, site::Site};
use crate::{
    config::{
        Config,
        browser::{BrowserConfig, SameSite},
        values::origin::{Origin, is_loopback},
    },
    http::cookie::SessionCookie,
};

const CHECK: &str = "browsers";

/// Checks the public URL and each frontend.
pub fn check(config: &Config, frontends: &[Origin]) -> Vec<Finding> {
    let mut config = config.clone();
    config
        .browser
        .public_url
        .listen_on(config.server.listen.port());
    let browser = &config.browser;
    let Ok(public) = Url::parse(&browser.public_url.to_string()) else {
        return vec![];
    };
    let mut findings = public_url(&config);
    let allowed = browser.allowed_origins();
    let frontends = if frontends.is_empty() {
        &allowed
    } else {
        frontends
    };
    if frontends.is_empty() {
        findings.push(Finding::ok(
            CHECK,
            format!(
                "GATELODGE_ALLOWED_ORIGINS is empty: only pages on {} can use Gatelodge",
                browser.public_url
            ),
        ));
    }
    for frontend in frontends {
        if let Ok(page) = Url::parse(frontend.as_str()) {
            findings.extend(Pair::new(browser, &public, frontend, page).check());
        }
    }
    findings
}

/// Checks what concerns all frontends.
fn public_url(config: &Config) -> Vec<Finding> {
    let browser = &config.browser;
    let url = &browser.public_url;
    let mut findings = vec![Finding::ok(
        CHECK,
        format!("the cookie is {}", SessionCookie::of(browser)),
    )];
    if url.is_loopback() {
        return findings;
    }
    if !url.is_https() {
        findings.push(Finding::warning(
            CHECK,
            format!(
                "{url} is plain http: anybody on the network path can read passwords and cookies"
            ),
            "Use https in GATELODGE_PUBLIC_URL",
        ));
    }
    if config.server.trusted_proxies.is_empty() {
        findings.push(Finding::warning(
            CHECK,
            "no proxy is trusted. Behind a proxy, all users then count as one address, and one attacker can throttle all",
            "List the proxy in GATELODGE_TRUSTED_PROXIES",
        ));
    }
    findings
}

/// The gateway and a frontend.
struct Pair<'c> {
    browser: &'c BrowserConfig,
    frontend: &'c Origin,
    page: Url,
    /// The public URL, as the page should call it.
    public: Url,
}

impl<'c> Pair<'c> {
    fn new(browser: &'c BrowserConfig, public: &Url, frontend: &'c Origin, page: Url) -> Self {
        let mut public = public.clone();
        // On this machine, Gatelodge answers by all names of loopback: a page should use the name that it has itself.
        if is_loopback(&public) && is_loopback(&page) {
            let _ = public.set_host(page.host_str());
        }
        Self {
            browser,
            frontend,
            page,
            public,
        }
    }

    fn check(&self) -> Vec<Finding> {
        let mut findings = vec![self.origin()];
        findings.extend(self.scheme());
        findings.push(self.cookie());
        findings
    }

    /// Checks the origin, which the origin check and CORS compare.
    fn origin(&self) -> Finding {
        let frontend = self.frontend;
        if !self.browser.origins().contains(frontend) {
            return Finding::problem(
                CHECK,
                format!(
                    "{frontend} is not an allowed origin: its requests get 403, and its pages cannot read responses"
                ),
                format!("Add {frontend} to GATELODGE_ALLOWED_ORIGINS"),
            );
        }
        if frontend.is_loopback() && !self.browser.public_url.is_loopback() {
            return Finding::warning(
                CHECK,
                format!(
                    "{frontend} is allowed, and is on the users' own machines: any program there could act for the user"
                ),
                format!("Remove {frontend} from GATELODGE_ALLOWED_ORIGINS in production"),
            );
        }
        Finding::ok(
            CHECK,
            format!("{frontend} may send requests and read responses"),
        )
    }

    /// Checks http and https.
    fn scheme(&self) -> Option<Finding> {
        let (frontend, public) = (self.frontend, &self.browser.public_url);
        let page_is_https = self.page.scheme() == "https";
        if page_is_https && !public.is_https() && !public.is_loopback() {
            return Some(Finding::problem(
                CHECK,
                format!(
                    "{frontend} is https and {public} is http: browsers block such requests (mixed content)"
                ),
                "Use https in GATELODGE_PUBLIC_URL",
            ));
        }
        if page_is_https && !public.is_https() {
            return Some(Finding::warning(
                CHECK,
                format!(
                    "{frontend} is https and {public} is http: Safari blocks such requests (mixed content)"
                ),
                "Serve both by http in development, or both by https",
            ));
        }
        if !page_is_https && !self.frontend.is_loopback() {
            return Some(Finding::warning(
                CHECK,
                format!(
                    "{frontend} is plain http: anybody on the network path can change the page and read passwords"
                ),
                "Serve the frontend by https",
            ));
        }
        None
    }

    /// Checks whether browsers send the cookie with requests of the page, and keep it.
    fn cookie(&self) -> Finding {
        let (frontend, public) = (self.frontend, Origin::of(&self.public));
        let (page, gateway) = (Site::of(&self.page), Site::of(&self.public));
        let same_site = self.browser.cookie_samesite;
        if page == gateway {
            let note = if public.as_str() == self.browser.public_url.to_string() {
                String::new()
            } else {
                format!(". Its pages must call {public}, by the same name as the page")
            };
            return Finding::ok(
                CHECK,
                format!(
                    "{frontend} and {public} are the same site: browsers send and keep the cookie{note}"
                ),
            );
        }
        let why = if page.has_domain_of(&gateway) {
            "one is http and the other https"
        } else {
            "their domains differ"
        };
        let sites = format!("{frontend} and {public} are different sites, because {why}");
        let one_site = "Put both under one domain, such as app.example.com and auth.example.com, both by https";
        if same_site == SameSite::None {
            return Finding::warning(
                CHECK,
                format!(
                    "{sites}. The cookie is a third-party cookie (Partitioned). Browsers that block such cookies do not send it"
                ),
                one_site,
            );
        }
        let attribute = if same_site == SameSite::Lax {
            "Lax"
        } else {
            "Strict"
        };
        let or = if self.browser.public_url.is_https() {
            ", or set GATELODGE_COOKIE_SAMESITE=none, which some browsers block"
        } else {
            ""
        };
        Finding::problem(
            CHECK,
            format!(
                "{sites}: browsers do not send the cookie with requests of the page (SameSite={attribute})"
            ),
            format!("{one_site}{or}"),
        )
    }
}
