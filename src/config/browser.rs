//! Which pages may call Gatelodge, and the attributes of its cookie.

use clap::{Args, ValueEnum};

use super::{
    ConfigError,
    values::{origin::Origin, public_url::PublicUrl},
};

/// The origins where Vite serves a frontend in development.
const DEVELOPMENT_ORIGINS: [&str; 2] = ["http://localhost:5173", "http://127.0.0.1:5173"];

/// The settings of origins and cookies.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Browsers")]
pub struct BrowserConfig {
    /// URL by which browsers call Gatelodge. It decides the cookie's name and flags. `auto` means localhost by
    /// http with the port of --listen
    #[arg(long, env = "GATELODGE_PUBLIC_URL", default_value = "auto")]
    pub public_url: PublicUrl,

    /// Allow a plain http public URL that is not localhost. Anybody on the network path can then read the cookie
    #[arg(long, env = "GATELODGE_ALLOW_INSECURE_PUBLIC_URL", num_args = 0..=1, default_value = "false", default_missing_value = "true", value_parser = clap::builder::BoolishValueParser::new())]
    pub allow_insecure_public_url: bool,

    /// Exact origins of the frontends, comma-separated, for CORS with credentials and CSRF protection [default:
    /// `http://localhost:5173,http://127.0.0.1:5173` if the public URL is localhost, otherwise none]
    #[arg(long, env = "GATELODGE_ALLOWED_ORIGINS", value_delimiter = ',')]
    pub allowed_origins: Option<Vec<Origin>>,

    /// SameSite attribute of the cookie. `none`, for a frontend on another site, needs https
    #[arg(long, env = "GATELODGE_COOKIE_SAMESITE", default_value = "lax")]
    pub cookie_samesite: SameSite,
}

/// The cookie's SameSite attribute (RFC 6265bis, section 5.6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SameSite {
    /// Only requests from pages of the same site carry the cookie. A link from another site does not.
    Strict,
    /// Requests from pages of the same site carry the cookie, and so do links from other sites.
    Lax,
    /// Requests from every page carry the cookie. Only the origin check protects it.
    None,
}

impl BrowserConfig {
    /// Returns the origins of the frontends. The default origins on localhost are for development only. In production,
    /// any program that serves a page on a user's machine could act for that user.
    pub fn allowed_origins(&self) -> Vec<Origin> {
        match &self.allowed_origins {
            Some(origins) => origins.clone(),
            None if self.public_url.is_loopback() => DEVELOPMENT_ORIGINS
                .iter()
                .filter_map(|origin| origin.parse().ok())
                .collect(),
            None => vec![],
        }
    }

    /// Returns all origins whose pages may run operations: the frontends' and Gatelodge's own.
    pub fn origins(&self) -> Vec<Origin> {
        let mut origins = self.allowed_origins();
        origins.extend(self.public_url.own_origins());
        origins
    }

    /// Refuses a public URL that would expose the cookie on the network.
    pub fn check_transport(&self) -> Result<(), ConfigError> {
        if !self.public_url.is_https()
            && !self.public_url.is_loopback()
            && !self.allow_insecure_public_url
        {
            return Err(ConfigError {
                setting: "GATELODGE_PUBLIC_URL",
                problem: format!(
                    "{} is plain http: anybody on the network path could read passwords and cookies. Write the \
                     https:// address of the reverse proxy, or set GATELODGE_ALLOW_INSECURE_PUBLIC_URL=true",
                    self.public_url
                ),
            });
        }
        Ok(())
    }

    /// Refuses a SameSite attribute with which browsers would drop the cookie.
    pub fn check_cookie(&self) -> Result<(), ConfigError> {
        if self.cookie_samesite == SameSite::None && !self.public_url.is_https() {
            return Err(ConfigError {
                setting: "GATELODGE_COOKIE_SAMESITE",
                problem: "browsers drop a cookie with `none` over http. Set an https GATELODGE_PUBLIC_URL, or write lax \
                          or strict"
                    .to_owned(),
            });
        }
        Ok(())
    }
}
