//! The GraphQL service behind the gate: its address, who may use it, its limits and time-outs.
//!
//! The table `[graphql-upstream]` of the settings file has all keys. `--upstream` has the address alone, and wins over the
//! table's.

use std::{path::PathBuf, time::Duration};

use serde::Deserialize;
use url::Url;

use super::{Config, ConfigError, token, values::requirement::Requirements};

mod read;

pub(super) use self::read::url;

/// The key of the table in the settings file.
pub const TABLE: &str = "graphql-upstream";
/// The variable of the address.
const VARIABLE: &str = "GATELODGE_UPSTREAM";

/// The GraphQL service behind the gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamConfig {
    /// The address of its GraphQL endpoint.
    pub url: Url,
    /// The audience of its identity tokens. `None` means the audience of forward-auth.
    pub audience: Option<String>,
    /// What a request must fulfil before the service is asked.
    pub require: Requirements,
    /// File with its schema. `None` means that the gate introspects it.
    pub schema: Option<PathBuf>,
    /// The prefix of our type names where they clash with the service's. Empty means that a clash is refused.
    pub type_prefix: String,
    /// Timeout for a connection, with its name resolution and its TLS handshake.
    pub connect_timeout: Duration,
    /// Timeout for the head of an answer, after the connection is there.
    pub first_byte_timeout: Duration,
    /// Timeout for the next bytes of an answer.
    pub silence_timeout: Duration,
    /// How long an unused connection is kept. It must be shorter than the service keeps it.
    pub pool_idle_timeout: Duration,
    /// Timeout for a whole answer. A stream has none.
    pub timeout: Duration,
    /// Maximum number of requests to the service that run at once.
    pub max_requests: usize,
    /// Maximum bytes of an answer that is merged with ours.
    pub max_merge: usize,
    /// Maximum depth of the fields that are forwarded.
    pub max_depth: usize,
    /// Maximum number of the fields that are forwarded.
    pub max_complexity: usize,
    /// The keys of a request's `extensions` that are forwarded.
    pub forward_extensions: Vec<String>,
    /// The keys of a WebSocket's `connection_init` payload that are forwarded.
    pub forward_connection_params: Vec<String>,
    /// The lifetime of an identity token that is sent over a WebSocket or with a subscription.
    pub socket_token_lifetime: Duration,
    /// Maximum bytes of one message of the service over a WebSocket.
    pub socket_message_size: usize,
}

impl UpstreamConfig {
    /// Returns the default settings for a service at an address.
    pub fn at(url: Url) -> Self {
        UpstreamTable::default().with_url(url)
    }

    /// Returns the audience of the service's identity tokens.
    pub fn audience<'c>(&'c self, token: &'c token::TokenConfig) -> &'c str {
        self.audience.as_deref().unwrap_or(&token.token_audience)
    }
}

/// The table `[graphql-upstream]`. Its address may come from elsewhere.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct UpstreamTable {
    #[serde(deserialize_with = "read::url_text")]
    url: Option<Url>,
    #[serde(deserialize_with = "read::audience")]
    audience: Option<String>,
    #[serde(deserialize_with = "read::require")]
    require: Requirements,
    #[serde(deserialize_with = "read::schema")]
    schema: Option<PathBuf>,
    #[serde(deserialize_with = "read::type_prefix")]
    type_prefix: String,
    #[serde(deserialize_with = "read::time")]
    connect_timeout: Duration,
    #[serde(deserialize_with = "read::time")]
    first_byte_timeout: Duration,
    #[serde(deserialize_with = "read::time")]
    silence_timeout: Duration,
    #[serde(deserialize_with = "read::time")]
    pool_idle_timeout: Duration,
    #[serde(deserialize_with = "read::time")]
    timeout: Duration,
    #[serde(deserialize_with = "read::at_least_one")]
    max_requests: usize,
    #[serde(deserialize_with = "read::bytes")]
    max_merge: usize,
    #[serde(deserialize_with = "read::at_least_one")]
    max_depth: usize,
    #[serde(deserialize_with = "read::at_least_one")]
    max_complexity: usize,
    #[serde(deserialize_with = "read::extensions")]
    forward_extensions: Vec<String>,
    #[serde(deserialize_with = "read::connection_params")]
    forward_connection_params: Vec<String>,
    #[serde(deserialize_with = "read::token_lifetime")]
    socket_token_lifetime: Duration,
    #[serde(deserialize_with = "read::bytes")]
    socket_message_size: usize,
}

impl Default for UpstreamTable {
    fn default() -> Self {
        Self {
            url: None,
            audience: None,
            require: Requirements::default(),
            schema: None,
            type_prefix: String::new(),
            connect_timeout: Duration::from_secs(2),
            first_byte_timeout: Duration::from_secs(10),
            silence_timeout: Duration::from_secs(30),
            pool_idle_timeout: Duration::from_secs(4),
            timeout: Duration::from_mins(1),
            max_requests: 256,
            max_merge: 8 << 20,
            max_depth: 20,
            max_complexity: 2000,
            forward_extensions: vec![],
            forward_connection_params: vec![],
            socket_token_lifetime: Duration::from_hours(1),
            socket_message_size: 1 << 20,
        }
    }
}

impl UpstreamTable {
    fn with_url(self, url: Url) -> UpstreamConfig {
        UpstreamConfig {
            url,
            audience: self.audience,
            require: self.require,
            schema: self.schema,
            type_prefix: self.type_prefix,
            connect_timeout: self.connect_timeout,
            first_byte_timeout: self.first_byte_timeout,
            silence_timeout: self.silence_timeout,
            pool_idle_timeout: self.pool_idle_timeout,
            timeout: self.timeout,
            max_requests: self.max_requests,
            max_merge: self.max_merge,
            max_depth: self.max_depth,
            max_complexity: self.max_complexity,
            forward_extensions: self.forward_extensions,
            forward_connection_params: self.forward_connection_params,
            socket_token_lifetime: self.socket_token_lifetime,
            socket_message_size: self.socket_message_size,
        }
    }
}

impl Config {
    /// Puts the upstream's settings together, from the table and the address. Refuses a table without any address.
    pub(super) fn resolve_upstream(&mut self) -> Result<(), ConfigError> {
        let table = self.gate.graphql_upstream.take();
        let is_named = table.is_some();
        let table = table.unwrap_or_default();
        let url = self.gate.upstream.clone().or_else(|| table.url.clone());
        match url {
            Some(url) => {
                let mut upstream = table.with_url(url);
                // GATELODGE_LIMIT_TIME bounds each wait of a client for a dependency that may be down.
                upstream.first_byte_timeout = upstream.first_byte_timeout.min(self.limits.time);
                self.upstream = Some(upstream);
                Ok(())
            }
            None if is_named => Err(ConfigError {
                setting: TABLE,
                problem: format!(
                    "`url` is missing. Write it like url = \"http://tasks:9000/graphql\", or set {VARIABLE}"
                ),
            }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(arguments: &[&str]) -> Config {
        #[derive(clap::Parser)]
        struct Only {
            #[command(flatten)]
            config: Config,
        }
        <Only as clap::Parser>::parse_from(arguments).config
    }

    /// Returns the settings of the service with these flags and this table.
    fn upstream(flags: &[&str], table: Option<serde_json::Value>) -> Option<UpstreamConfig> {
        let arguments = [&["gatelodge"], flags].concat();
        let mut config = parse(&arguments);
        config.gate.graphql_upstream = table.map(|table| serde_json::from_value(table).unwrap());
        config.resolve().unwrap().upstream
    }

    #[test]
    fn every_key_of_the_table_has_its_default_and_takes_its_value() {
        let url: Url = "http://tasks:9000/graphql".parse().unwrap();
        let defaults = UpstreamConfig::at(url.clone());
        let flags = ["--upstream", url.as_str()];
        assert_eq!(upstream(&[], None), None);
        assert_eq!(upstream(&flags, None), Some(defaults.clone()));
        assert_eq!(
            upstream(&[], Some(json!({ "url": url.as_str() }))),
            Some(defaults.clone())
        );
        assert_eq!(upstream(&flags, Some(json!({}))), Some(defaults));
        let table = json!({
            "url": "http://replaced:9000", "audience": "tasks", "require": "none", "schema": "tasks.graphql",
            "type-prefix": "Gate", "connect-timeout": "1s", "first-byte-timeout": "3s", "silence-timeout": "4s",
            "pool-idle-timeout": "5s", "timeout": "6s", "max-requests": 3, "max-merge": "7KiB", "max-depth": 8, "max-complexity": 9,
            "forward-extensions": ["a", "b"], "forward-connection-params": ["c"], "socket-token-lifetime": "10m",
            "socket-message-size": "2KiB",
        });
        let expected = UpstreamConfig {
            url: url.clone(),
            audience: Some("tasks".to_owned()),
            require: serde_json::from_value(json!("none")).unwrap(),
            schema: Some("tasks.graphql".into()),
            type_prefix: "Gate".to_owned(),
            connect_timeout: Duration::from_secs(1),
            first_byte_timeout: Duration::from_secs(3),
            silence_timeout: Duration::from_secs(4),
            pool_idle_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(6),
            max_requests: 3,
            max_merge: 7 << 10,
            max_depth: 8,
            max_complexity: 9,
            forward_extensions: vec!["a".to_owned(), "b".to_owned()],
            forward_connection_params: vec!["c".to_owned()],
            socket_token_lifetime: Duration::from_mins(10),
            socket_message_size: 2 << 10,
        };
        assert_eq!(upstream(&flags, Some(table)), Some(expected));
    }

    #[test]
    fn the_wait_for_the_first_byte_is_at_most_the_limit_of_time() {
        let first_byte = |limit: &str| {
            let flags = ["--upstream", "http://tasks:9000", "--limit-time", limit];
            upstream(&flags, None).unwrap().first_byte_timeout.as_secs()
        };
        assert_eq!((first_byte("15s"), first_byte("7s")), (10, 7));
    }

    #[test]
    fn the_audience_is_the_one_of_forward_auth_unless_the_service_has_its_own() {
        let config = parse(&["gatelodge"]);
        let mut upstream = UpstreamConfig::at("http://tasks:9000".parse().unwrap());
        assert_eq!(upstream.audience(&config.token), "gatelodge");
        upstream.audience = Some("tasks".to_owned());
        assert_eq!(upstream.audience(&config.token), "tasks");
    }
}
