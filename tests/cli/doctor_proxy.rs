//! A proxy with forward-auth and one fault, for the tests of doctor.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::harness::{Program, free_port};

/// What a proxy does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Strangers pass as strangers: a policy with `optional = true`.
    Optional,
    /// It does not ask the gateway.
    Unguarded,
    /// It believes the query string.
    BelievesQuery,
    /// It passes the client's headers with a character in their names.
    Passes(char),
    /// It adds its headers to those of the client.
    Appends,
    /// It does not copy one header.
    LosesRoles,
    /// It removes what `Connection` names after it added the identity.
    HopByHopLast,
    /// It passes the session cookie.
    PassesCookie,
    /// It remembers answers of the gateway.
    Caches,
    /// It does not answer.
    Hangs,
    /// Its application is not doctor.
    OtherApplication,
}

#[derive(Clone)]
pub struct FaultyProxy {
    fault: Fault,
    gateway: String,
    pub echo: u16,
    /// How many requests came.
    pub seen: Arc<AtomicUsize>,
    client: reqwest::Client,
}

const NAMES: [&str; 5] = [
    "remote-user",
    "gatelodge-user-id",
    "gatelodge-session-id",
    "gatelodge-roles",
    "authorization",
];

impl FaultyProxy {
    /// Starts a proxy, and returns it with the URL of a guarded path.
    pub async fn start(program: &Program, fault: Fault) -> (Self, String) {
        let proxy = Self {
            fault,
            gateway: format!("{}/graphql", program.url),
            echo: free_port(),
            seen: Arc::default(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().fallback(pass).with_state(proxy.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (proxy, format!("http://localhost:{port}/app/"))
    }

    /// Returns the username, if the gateway knows the cookie.
    async fn username(&self, headers: &HeaderMap) -> Option<String> {
        let query = json!({ "query": "{ me { username } }" }).to_string();
        let request = self
            .client
            .post(&self.gateway)
            .header("content-type", "application/json");
        let request = request.header("cookie", headers.get("cookie")?);
        let reply: Value = request
            .body(query)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        Some(reply["data"]["me"]["username"].as_str()?.to_owned())
    }

    /// Returns whether the proxy drops a header of the client.
    fn drops(&self, name: &str) -> bool {
        let folded = name.replace(['_', '.'], "-");
        match name {
            "host" | "connection" => true,
            "cookie" => self.fault != Fault::PassesCookie,
            _ if self.fault == Fault::Appends => false,
            _ => match self.fault {
                Fault::Passes(character) if name.contains(character) => false,
                _ => {
                    folded == "authorization"
                        || ["remote-", "gatelodge-", "x-auth-"]
                            .iter()
                            .any(|begin| folded.starts_with(begin))
                }
            },
        }
    }
}

async fn pass(State(proxy): State<FaultyProxy>, request: Request) -> StatusCode {
    let seen = proxy.seen.fetch_add(1, Ordering::SeqCst);
    let (parts, _) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let mut username = proxy.username(&parts.headers).await;
    if proxy.fault == Fault::Caches && username.is_none() && parts.headers.contains_key("cookie") {
        username = Some("ada".to_owned());
    }
    if proxy.fault == Fault::Hangs && seen > 0 {
        std::future::pending::<()>().await;
    }
    let is_stranger_allowed = match proxy.fault {
        Fault::Optional | Fault::Unguarded | Fault::Appends | Fault::Passes(_) => true,
        Fault::BelievesQuery => query.contains("optional=1"),
        _ => false,
    };
    if proxy.fault == Fault::OtherApplication {
        return StatusCode::OK;
    }
    if username.is_none() && !is_stranger_allowed {
        return StatusCode::UNAUTHORIZED;
    }
    let mut headers = HeaderMap::new();
    for (name, value) in &parts.headers {
        if !proxy.drops(name.as_str()) {
            headers.append(name, value.clone());
        }
    }
    if proxy.fault != Fault::Unguarded {
        for name in NAMES {
            let value = match (&username, name) {
                (Some(_), "authorization") => "Bearer token",
                (None, "authorization") => continue,
                (Some(name), "remote-user") => name,
                (Some(_), "gatelodge-user-id" | "gatelodge-session-id") => "id",
                _ => "-",
            };
            if proxy.fault != Fault::LosesRoles || name != "gatelodge-roles" {
                headers.append(
                    HeaderName::from_static(name),
                    HeaderValue::from_str(value).unwrap(),
                );
            }
        }
    }
    if proxy.fault == Fault::HopByHopLast && parts.headers.contains_key("connection") {
        headers.clear();
    }
    let url = format!("http://127.0.0.1:{}{}", proxy.echo, parts.uri);
    let reply = proxy.client.get(url).headers(headers).send().await;
    reply.map_or(StatusCode::BAD_GATEWAY, |reply| reply.status())
}
