//! The gate: who may pass forward-auth, where browsers log in, and the address of the GraphQL service behind it.

use std::collections::HashSet;

use clap::Args;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    ConfigError,
    upstream::{self, UpstreamTable},
    values::requirement::Requirements,
};

/// The first segment of forward-auth's own policy, which requires a live session.
pub const FORWARD_AUTH: &str = "forward-auth";
/// The beginning of the paths of other policies.
const PREFIX: &str = "/forward-auth-";
/// The key of the policies' tables in the settings file.
const TABLE: &str = "forward-auth";

/// The settings of the gate.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Gate")]
pub struct GateConfig {
    /// URL of the page where users log in. Forward-auth policies with `redirect = true` send browsers there
    #[arg(long, env = "GATELODGE_LOGIN_URL", value_parser = login_url)]
    pub login_url: Option<Url>,

    /// URL of the GraphQL service behind the gate. It wins over `url` in `[graphql-upstream]`
    #[arg(long, env = "GATELODGE_UPSTREAM", value_name = "URL", value_parser = upstream::url)]
    pub upstream: Option<Url>,

    /// The table `[graphql-upstream]` of the settings file, until [`crate::config::Config::resolve`] takes it.
    #[arg(skip)]
    pub graphql_upstream: Option<UpstreamTable>,

    /// Forward-auth policies beside `/forward-auth`, from the tables `[[forward-auth]]` of the settings file.
    #[arg(skip)]
    pub forward_auth: Vec<ForwardAuthPolicy>,
}

/// A policy of forward-auth: a table `[[forward-auth]]` of the settings file.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ForwardAuthPolicy {
    /// The path: one segment that begins with `/forward-auth-`.
    pub path: String,
    /// What a request must fulfil. `None` means a live session, or nothing if the policy is optional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require: Option<Requirements>,
    /// Lets requests without a session pass as a stranger's.
    #[serde(default)]
    pub optional: bool,
    /// Sends a browser's navigation without a session to the login URL.
    #[serde(default)]
    pub redirect: bool,
    /// Whether CORS preflights pass. Browsers send them without cookies.
    #[serde(default)]
    pub preflight: Preflight,
    /// Where the original request's method is read from.
    #[serde(default)]
    pub method: OriginalMethod,
}

/// What happens to a CORS preflight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preflight {
    /// It is treated like any request.
    #[default]
    Refuse,
    /// It passes as a stranger's request, and the application answers CORS.
    Pass,
}

/// Where the original request's method is read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OriginalMethod {
    /// From X-Forwarded-Method of a trusted proxy.
    #[default]
    Forwarded,
    /// From the forward-auth request itself, which has the original method in Envoy.
    Request,
}

/// Parses the login URL.
fn login_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text)
        .map_err(|_| "is not a URL. Write it like https://app.example.com/login".to_owned())?;
    // Browsers follow a redirect to this URL: `javascript:` or `file:` would be useless or harmful.
    if !matches!(url.scheme(), "http" | "https") {
        return Err("must be an http or https URL".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must be without user and password".to_owned());
    }
    Ok(url)
}

impl GateConfig {
    /// Returns an error for each problem of the policies.
    pub fn check(&self) -> Vec<ConfigError> {
        let mut paths = HashSet::new();
        let mut errors = vec![];
        for policy in &self.forward_auth {
            let mut problems = policy.problems();
            if policy.redirect && !policy.optional && self.login_url.is_none() {
                problems.push(
                    "`redirect = true` needs the page where users log in. Set GATELODGE_LOGIN_URL",
                );
            }
            if !paths.insert(&policy.path) {
                problems.push("two policies have this path. Give each policy its own path");
            }
            errors.extend(problems.into_iter().map(|problem| ConfigError {
                setting: TABLE,
                problem: format!("path = {:?}: {problem}", policy.path),
            }));
        }
        errors
    }
}

impl ForwardAuthPolicy {
    /// Returns the problems that the policy has by itself.
    fn problems(&self) -> Vec<&'static str> {
        let mut problems = vec![];
        if !is_path(&self.path) {
            problems.push(
                "must be one segment that begins with /forward-auth-, then letters, digits and _ - . ~. Write it like \
                 \"/forward-auth-admins\". The path /forward-auth itself always means a live session",
            );
        }
        let require = self.require.as_ref();
        if require.is_some_and(Requirements::is_open) {
            problems.push(
                "`require` would let every request pass. Write \"session\" or \"role:NAME\", or `optional = true` instead \
                 of `require`",
            );
        }
        if self.optional && self.redirect {
            problems.push(
                "`optional = true` lets requests without a session pass, so `redirect` has no effect. Remove one of them",
            );
        }
        if self.optional && require.is_some() {
            problems.push(
                "`optional = true` lets requests without a session pass, so `require` has no effect. Remove one of them",
            );
        }
        problems
    }
}

/// Returns whether a path is one segment with a policy's name. Its characters are never percent-encoded, so a path has one
/// spelling.
fn is_path(path: &str) -> bool {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'~');
    path.strip_prefix(PREFIX)
        .is_some_and(|name| !name.is_empty() && name.bytes().all(is_plain))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Config;

    fn config(login_url: Option<&str>, tables: serde_json::Value) -> Config {
        let mut arguments = vec!["gatelodge"];
        arguments.extend(login_url.map(|_| "--login-url"));
        arguments.extend(login_url);
        let mut config = parse(&arguments);
        config.gate.forward_auth = serde_json::from_value(tables).unwrap();
        config
    }

    fn parse(arguments: &[&str]) -> Config {
        #[derive(clap::Parser)]
        struct Only {
            #[command(flatten)]
            config: Config,
        }
        <Only as clap::Parser>::parse_from(arguments).config
    }

    fn problems(login_url: Option<&str>, tables: serde_json::Value) -> Vec<String> {
        let errors = config(login_url, tables).resolve().err();
        let errors = errors.unwrap_or_default();
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_policy_with_every_key_is_read_and_keys_have_defaults() {
        let tables = json!([
            { "path": "/forward-auth-admins", "require": ["session", "role:admin"], "redirect": true,
              "preflight": "pass", "method": "request" },
            { "path": "/forward-auth-all", "optional": true, "method": "forwarded", "preflight": "refuse" },
            { "path": "/forward-auth-x" },
        ]);
        let config = config(Some("https://app.example.com/login?x=1"), tables);
        let config = config
            .resolve()
            .unwrap_or_else(|errors| panic!("{errors:?}"));
        let [admins, all, plain] = &config.gate.forward_auth[..] else {
            panic!("{:?}", config.gate);
        };
        assert!(admins.redirect && !admins.optional);
        assert_eq!(admins.preflight, Preflight::Pass);
        assert_eq!(admins.method, OriginalMethod::Request);
        assert!(all.optional && all.require.is_none());
        assert_eq!(plain.preflight, Preflight::Refuse);
        assert_eq!(plain.method, OriginalMethod::Forwarded);
    }

    #[test]
    fn an_unknown_key_or_value_is_refused() {
        for (table, words) in [
            (
                json!({ "path": "/forward-auth-x", "requires": "session" }),
                "requires",
            ),
            (json!({ "require": "session" }), "path"),
            (
                json!({ "path": "/forward-auth-x", "preflight": "allow" }),
                "allow",
            ),
            (json!({ "path": "/forward-auth-x", "method": "GET" }), "GET"),
            (
                json!({ "path": "/forward-auth-x", "require": "admin" }),
                "role:NAME",
            ),
        ] {
            let error = serde_json::from_value::<ForwardAuthPolicy>(table.clone()).unwrap_err();
            assert!(error.to_string().contains(words), "{table}: {error}");
        }
    }

    #[test]
    fn a_policy_that_is_wrong_is_refused_with_its_path_and_a_fix() {
        for (table, words) in [
            (
                json!({ "path": "/forward-auth-x", "require": "none" }),
                "optional = true",
            ),
            (
                json!({ "path": "/forward-auth-x", "require": ["session", "none"] }),
                "optional = true",
            ),
            (
                json!({ "path": "/forward-auth-x", "require": [] }),
                "optional = true",
            ),
            (
                json!({ "path": "/forward-auth-x", "require": "session", "optional": true }),
                "Remove one",
            ),
            (
                json!({ "path": "/forward-auth-x", "redirect": true }),
                "GATELODGE_LOGIN_URL",
            ),
            (
                json!({ "path": "/forward-auth-x", "optional": true, "redirect": true }),
                "`redirect` has no effect",
            ),
            (json!({ "path": "/forward-auth" }), "/forward-auth-admins"),
            (json!({ "path": "/forward-auth-" }), "/forward-auth-admins"),
            (json!({ "path": "/forward-auth-a/b" }), "one segment"),
            (json!({ "path": "/forward-auth-a/" }), "one segment"),
            (json!({ "path": "/forward-auth-%61" }), "letters, digits"),
            (json!({ "path": "/forward-auth-a?b" }), "letters, digits"),
            (json!({ "path": "forward-auth-x" }), "begins with"),
            (json!({ "path": "/graphql" }), "begins with"),
        ] {
            let found = problems(None, json!([table]));
            assert_eq!(found.len(), 1, "{table}: {found:?}");
            for word in [
                words,
                "forward-auth: path = ",
                table["path"].as_str().unwrap(),
            ] {
                assert!(found[0].contains(word), "{word}: {found:?}");
            }
        }
    }

    #[test]
    fn all_wrong_policies_are_reported_at_once() {
        let found = problems(
            None,
            json!([
                { "path": "/forward-auth-x", "require": "none", "redirect": true },
                { "path": "/forward-auth-x" },
                { "path": "/other", "optional": true, "require": "role:a" },
            ]),
        );
        let words = [
            "every request",
            "GATELODGE_LOGIN_URL",
            "two policies",
            "begins with",
            "Remove one",
        ];
        assert_eq!(found.len(), words.len(), "{found:?}");
        for (found, word) in found.iter().zip(words) {
            assert!(found.contains(word), "{word}: {found}");
        }
    }
}
