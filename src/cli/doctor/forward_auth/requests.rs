//! The requests: forged headers in every spelling, and hostile query strings.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::{
    client::ProxyClient,
    echo::{Echo, ID},
};

/// The value of every forged header. No identity has it.
pub const FORGED: &str = "forged-by-gatelodge-doctor";

/// The headers by which services know the user.
pub const IDENTITY: [&str; 5] = [
    "remote-user",
    "gatelodge-user-id",
    "gatelodge-session-id",
    "gatelodge-roles",
    "authorization",
];

/// A name that other gateways use, and that some services believe.
const OTHER: &str = "x-auth-user";

/// A request that a stranger could send: what is forged in it, and its headers.
pub struct Forgery {
    /// What is forged, for messages.
    pub what: &'static str,
    /// The headers.
    pub headers: HeaderMap,
    /// The query string.
    pub query: &'static str,
}

/// Returns all forgeries.
pub fn forgeries() -> Vec<Forgery> {
    let with = |what, headers| Forgery {
        what,
        headers,
        query: "",
    };
    let asked = |query| Forgery {
        what: query,
        headers: HeaderMap::new(),
        query,
    };
    vec![
        with("headers with hyphens", spelled(str::to_owned, &[FORGED])),
        with(
            "headers with underscores",
            spelled(|name| name.replace('-', "_"), &[FORGED]),
        ),
        with(
            "headers with dots",
            spelled(|name| name.replace('-', "."), &[FORGED]),
        ),
        with(
            "headers with mixed separators",
            spelled(|name| name.replacen('-', "_", 1), &[FORGED]),
        ),
        with(
            "repeated headers",
            spelled(str::to_owned, &[FORGED, FORGED]),
        ),
        with("empty headers", spelled(str::to_owned, &[""])),
        with("headers named by Connection", named_by_connection()),
        asked("optional=1"),
        asked("optional=true&redirect=false"),
        asked("role=admin&require=none"),
        asked("policy=/forward-auth-optional"),
        asked("%00=%0d%0aRemote-User:%20forged-by-gatelodge-doctor"),
    ]
}

/// Returns all forged names in one spelling.
fn spelled(spell: impl Fn(&str) -> String, values: &[&'static str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for name in IDENTITY.iter().chain(&[OTHER]) {
        let Ok(spelling) = HeaderName::from_bytes(spell(name).as_bytes()) else {
            continue;
        };
        for value in values {
            let value = match (*name, *value) {
                ("authorization", FORGED) => "Bearer forged-by-gatelodge-doctor",
                (_, value) => value,
            };
            headers.append(spelling.clone(), HeaderValue::from_static(value));
        }
    }
    headers
}

/// Returns a `Connection` header that asks the proxy to remove the identity headers as hop-by-hop headers.
fn named_by_connection() -> HeaderMap {
    let names = "close, remote-user, gatelodge-user-id, gatelodge-session-id, gatelodge-roles, authorization";
    HeaderMap::from_iter([(header::CONNECTION, HeaderValue::from_static(names))])
}

/// What a request came to.
pub struct Outcome {
    /// The status, or why there is none.
    pub status: Result<StatusCode, String>,
    /// The headers that reached the application, if the request did.
    pub reached: Option<HeaderMap>,
}

/// Sends requests, and finds out what reaches the echo.
pub struct Probe<'e> {
    /// The client.
    pub client: ProxyClient,
    /// The echo.
    pub echo: &'e Echo,
}

impl Probe<'_> {
    /// Sends a request.
    pub async fn send(&self, forgery: &Forgery, cookie: Option<&HeaderValue>) -> Outcome {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let id = format!(
            "{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let query = match forgery.query {
            "" => format!("{ID}={id}"),
            query => format!("{query}&{ID}={id}"),
        };
        let mut headers = forgery.headers.clone();
        if let Some(cookie) = cookie {
            headers.insert(header::COOKIE, cookie.clone());
        }
        Outcome {
            status: self.client.get(&query, &headers).await,
            reached: self.echo.take(&id),
        }
    }

    /// Sends a request in which nothing is forged.
    pub async fn send_plain(&self, cookie: Option<&HeaderValue>) -> Outcome {
        let plain = Forgery {
            what: "nothing",
            headers: HeaderMap::new(),
            query: "",
        };
        self.send(&plain, cookie).await
    }
}
