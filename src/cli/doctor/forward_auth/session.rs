//! The session with which doctor sends requests: from a file, or opened for a user and ended afterwards.

use std::{fs, path::Path, sync::Arc, time::Duration};

use axum::http::HeaderValue;
use zeroize::Zeroizing;

use crate::{
    auth::Auth,
    cli::{
        CliError, other,
        user::{args::user::find, open},
    },
    config::{Config, ConfigError},
    domain::token::SessionToken,
    http::cookie::SessionCookie,
};

/// The lifetime of an opened session. It ends by itself if doctor is killed.
const LIFETIME: Duration = Duration::from_mins(10);

/// The session.
pub struct ProbeSession {
    /// The value of the Cookie header.
    pub cookie: HeaderValue,
    opened: Option<(Arc<Auth>, SessionToken)>,
}

impl ProbeSession {
    /// Reads the cookie, or opens a session. Returns `None` if the operator gave neither a user nor a file.
    pub async fn open(
        user: Option<&str>,
        cookie_file: Option<&Path>,
        config: &Config,
    ) -> Result<Option<Self>, CliError> {
        let name = SessionCookie::of(&config.browser).name();
        if let Some(path) = cookie_file {
            let wrong = |problem: String| ConfigError {
                setting: "--cookie-file",
                problem,
            };
            let text = fs::read_to_string(path).map(Zeroizing::new);
            let text =
                text.map_err(|error| wrong(format!("cannot read {}: {error}", path.display())))?;
            let token = token_in(&text, name)
                .ok_or_else(|| wrong(format!("{} has no cookie {name}", path.display())))?;
            let cookie = header(name, token)
                .map_err(|()| wrong("the cookie has invalid characters".to_owned()))?;
            return Ok(Some(Self {
                cookie,
                opened: None,
            }));
        }
        let Some(user) = user else {
            return Ok(None);
        };
        let mut config = config.clone();
        config.database.must_exist();
        config.session.lifetime = LIFETIME;
        let auth = Arc::new(open::auth(&config, true).await?);
        let user = find(&auth, user).await?;
        let token = auth.open_probe_session(user.id).await.map_err(|error| {
            crate::cli::refused(error, |_| "the user is disabled or was deleted".to_owned())
        })?;
        let cookie =
            header(name, &token.encode()).map_err(|()| other("the session has no cookie"))?;
        Ok(Some(Self {
            cookie,
            opened: Some((auth, token)),
        }))
    }

    /// Ends the session, if doctor opened it. Returns whether it did.
    pub async fn end(self) -> Result<bool, CliError> {
        let Some((auth, token)) = self.opened else {
            return Ok(false);
        };
        let ended = auth.end_probe_session(&token).await;
        auth.store().clone().close().await;
        ended.map_err(|error| {
            other(format!(
                "the session that doctor opened could not be ended, and ends in 10 minutes: {error}"
            ))
        })?;
        Ok(true)
    }
}

/// Returns the header, which no debug output shows.
fn header(name: &str, token: &str) -> Result<HeaderValue, ()> {
    let text = Zeroizing::new(format!("{name}={token}"));
    let mut value = HeaderValue::from_str(&text).map_err(|_| ())?;
    value.set_sensitive(true);
    Ok(value)
}

/// Finds a cookie in a file: `NAME=VALUE`, or a line of curl's cookie jar.
fn token_in<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| {
        let cells: Vec<_> = line.split('\t').collect();
        match cells.as_slice() {
            [.., key, value] if cells.len() == 7 && *key == name => Some(value.trim()),
            _ => line.trim().strip_prefix(name)?.strip_prefix('='),
        }
    })
}
