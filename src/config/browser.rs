//! Which pages may call Gatelodge, and how its cookie looks to browsers.

use clap::{Args, ValueEnum};

use super::{
    ConfigError,
    values::{origin::Origin, public_url::PublicUrl},
};

/// Where Vite serves a frontend in development.
const DEVELOPMENT_ORIGINS: [&str; 2] = ["http://localhost:5173", "http://127.0.0.1:5173"];

/// Origins and cookies.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Browsers")]
pub struct BrowserConfig {
    /// The address by which browsers call Gatelodge; decides the cookie's name and flags. `auto` is plain http to
    /// localhost and the port that is listened on
    #[arg(long, env = "GATELODGE_PUBLIC_URL", default_value = "auto")]
    pub public_url: PublicUrl,

    /// Allow a plain http public URL that is not this machine's: anybody on the way reads the cookie
    #[arg(long, env = "GATELODGE_ALLOW_INSECURE_PUBLIC_URL", num_args = 0..=1, default_value = "false", default_missing_value = "true", value_parser = clap::builder::BoolishValueParser::new())]
    pub allow_insecure_public_url: bool,

    /// The frontends: exact origins, comma-separated, for CORS with credentials and for CSRF [default:
    /// http://localhost:5173,http://127.0.0.1:5173 when the public URL is this machine's, else none]
    #[arg(long, env = "GATELODGE_ALLOWED_ORIGINS", value_delimiter = ',')]
    pub allowed_origins: Option<Vec<Origin>>,

    /// From where browsers send the cookie; `none`, for a frontend on another site, needs https
    #[arg(long, env = "GATELODGE_COOKIE_SAMESITE", default_value = "lax")]
    pub cookie_samesite: SameSite,
}

/// The cookie's SameSite attribute (RFC 6265bis, section 5.6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SameSite {
    /// From pages of the same site only, links from elsewhere excluded.
    Strict,
    /// From pages of the same site, and when a link leads here.
    Lax,
    /// From every page; the origin check alone stands in between.
    None,
}

impl BrowserConfig {
    /// Returns the origins of the frontends. Those of this machine are a default for development alone: elsewhere any
    /// program that serves a page on a visitor's machine could act for the visitor.
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

    /// Returns all origins whose pages may run something: the frontends', and the own ones.
    pub fn origins(&self) -> Vec<Origin> {
        let mut origins = self.allowed_origins();
        origins.extend(self.public_url.own_origins());
        origins
    }

    /// Refuses a public URL under which the cookie could be read on the way.
    pub fn check_transport(&self) -> Result<(), ConfigError> {
        if !self.public_url.is_https()
            && !self.public_url.is_loopback()
            && !self.allow_insecure_public_url
        {
            return Err(ConfigError {
                setting: "GATELODGE_PUBLIC_URL",
                problem: format!(
                    "{} is plain http: anybody on the way could read passwords and cookies. Write the https:// \
                     address of the proxy in front, or set GATELODGE_ALLOW_INSECURE_PUBLIC_URL=true",
                    self.public_url
                ),
            });
        }
        Ok(())
    }

    /// Refuses a cookie that browsers would drop.
    pub fn check_cookie(&self) -> Result<(), ConfigError> {
        if self.cookie_samesite == SameSite::None && !self.public_url.is_https() {
            return Err(ConfigError {
                setting: "GATELODGE_COOKIE_SAMESITE",
                problem: "none needs an https GATELODGE_PUBLIC_URL: browsers drop such a cookie over http".to_owned(),
            });
        }
        Ok(())
    }
}
