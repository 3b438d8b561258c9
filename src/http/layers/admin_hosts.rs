//! The host names that the admin listener accepts.
//!
//! This stops DNS rebinding: an attacker could point a domain name at this machine, and a page of that domain could then
//! read the admin listener from an operator's browser.

use std::{collections::HashSet, net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::host;
use crate::{graphql::error_code::ErrorCode, http::ErrorResponse};

/// The accepted names, in lower case. `localhost` and IP addresses are always accepted.
pub struct AdminHosts(HashSet<String>);

impl AdminHosts {
    /// Creates the list from names in lower case.
    pub fn new(names: Vec<String>) -> Self {
        Self(names.into_iter().collect())
    }

    /// Returns whether a host is an IP address, `localhost` or one of the names.
    fn contain(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if bare.parse::<IpAddr>().is_ok() {
            return true;
        }
        let name = host.to_ascii_lowercase();
        let name = name.strip_suffix('.').unwrap_or(&name);
        name == "localhost" || self.0.contains(name)
    }
}

/// Refuses a request for any other host name. A request without a Host header is HTTP/1.0, which no browser sends.
pub async fn check(State(hosts): State<Arc<AdminHosts>>, request: Request, next: Next) -> Response {
    let allowed = host::names(&request).all(|host| hosts.contain(&host));
    if allowed {
        return next.run(request).await;
    }
    ErrorResponse::new(
        ErrorCode::Forbidden,
        "The admin listener does not accept this host name. Use an IP address or localhost, or list the name in \
         GATELODGE_ADMIN_HOSTS",
    )
    .into_response()
}

#[cfg(test)]
mod tests {
    use super::AdminHosts;

    #[test]
    fn addresses_localhost_and_the_listed_names_are_answered() {
        let hosts = AdminHosts::new(vec!["gate.internal".to_owned()]);
        for host in [
            "127.0.0.1",
            "10.0.0.7",
            "[::1]",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "Gate.Internal",
        ] {
            assert!(hosts.contain(host), "{host}");
        }
        for host in ["evil.test", "127.0.0.1.evil.test", "x.gate.internal", ""] {
            assert!(!hosts.contain(host), "{host}");
        }
    }
}
