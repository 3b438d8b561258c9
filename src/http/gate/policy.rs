//! The policies of forward-auth. The first segment of the raw path chooses one, and nothing else does.
//!
//! Everything after the first segment can come from the client: Envoy appends the original path, and Caddy keeps the original
//! query string. A policy that could be chosen there would be a bypass.

use std::collections::HashMap;

use crate::config::{
    gate::{FORWARD_AUTH, ForwardAuthPolicy, OriginalMethod, Preflight},
    values::requirement::Requirements,
};

/// A policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// What a request must fulfil; `None` if it may come from a stranger.
    pub require: Option<Requirements>,
    /// Whether a browser's navigation without a session is sent to the login page.
    pub redirects: bool,
    /// Whether a CORS preflight passes as a stranger's request.
    pub passes_preflights: bool,
    /// Where the original method is read from.
    pub method: OriginalMethod,
}

/// All policies by their first segment.
pub struct Policies(HashMap<String, Policy>);

impl Policies {
    /// Adds the policies of the settings to the one of `/forward-auth`.
    pub fn new(settings: &[ForwardAuthPolicy]) -> Self {
        let own = ForwardAuthPolicy::default();
        let mut policies = HashMap::from([(FORWARD_AUTH.to_owned(), Policy::of(&own))]);
        policies.extend(settings.iter().map(|settings| {
            let segment = settings.path.trim_start_matches('/').to_owned();
            (segment, Policy::of(settings))
        }));
        Self(policies)
    }

    /// Returns the policy of a raw path, or `None` if no policy has its first segment.
    pub fn of(&self, path: &str) -> Option<&Policy> {
        self.0.get(segment(path)?)
    }
}

impl Policy {
    fn of(settings: &ForwardAuthPolicy) -> Self {
        Self {
            require: (!settings.optional).then(|| settings.require.clone().unwrap_or_default()),
            redirects: settings.redirect,
            passes_preflights: settings.preflight == Preflight::Pass,
            method: settings.method,
        }
    }
}

/// Returns the first segment of a raw path if it is forward-auth's: neither decoded nor normalized.
///
/// A segment like `forward-authx` counts too. It has no policy, so it is refused.
pub fn segment(path: &str) -> Option<&str> {
    let path = path.strip_prefix('/')?;
    let segment = path.split_once('/').map_or(path, |(first, _)| first);
    segment.starts_with(FORWARD_AUTH).then_some(segment)
}

#[cfg(test)]
mod tests {
    use super::segment;

    #[test]
    fn only_the_first_segment_of_the_raw_path_counts() {
        for (path, expected) in [
            ("/forward-auth", Some("forward-auth")),
            ("/forward-auth/", Some("forward-auth")),
            ("/forward-auth/../forward-auth-admins", Some("forward-auth")),
            ("/forward-auth-admins/..", Some("forward-auth-admins")),
            ("/forward-auth%2f..", Some("forward-auth%2f..")),
            ("/forward-auth;x/y", Some("forward-auth;x")),
            ("/forward-authx", Some("forward-authx")),
            ("//forward-auth", None),
            ("/./forward-auth", None),
            ("/%66orward-auth", None),
            ("/Forward-auth", None),
            ("forward-auth", None),
            ("/graphql/forward-auth", None),
            ("", None),
            ("*", None),
        ] {
            assert_eq!(segment(path), expected, "{path}");
        }
    }
}
