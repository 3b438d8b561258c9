//! Header rules: which headers pass between a client and the service.
//!
//! Names are compared folded, because frameworks fold them: CGI, WSGI and PHP read `Remote_User` and `Remote.User` as
//! `REMOTE_USER`. A header that only looks different would still reach the service as an identity.

use std::borrow::Cow;

use hyper::{HeaderMap, header};

/// Names that only the gate may set, folded. Those that end with `-` are beginnings, and names without it. With them, a service knows who is
/// asking, so a client that could set one would be another user.
const IDENTITY: &[&str] = &[
    "authorization",
    "cookie",
    "forwarded",
    "gatelodge-",
    "proxy-authorization",
    "remote-",
    "true-client-ip",
    "x-auth-",
    "x-authenticated-",
    "x-client-ip",
    "x-forwarded-",
    "x-hasura-",
    "x-original-",
    "x-real-ip",
    "x-remote-",
    "x-rewrite-url",
    "x-ssl-",
    "x-user*",
    "x-webauth-",
];

/// Names by which other gateways and clouds say who is asking, or where from. A service that moved behind Gatelodge may
/// still read them.
const IDENTITY_OF_OTHERS: &[&str] = &[
    "cf-access-",
    "cf-connecting-ip",
    "client-cert*",
    "cookie2",
    "fastly-client-ip",
    "ssl-client-",
    "tailscale-",
    "tls-client-",
    "x-access-token",
    "x-amzn-oidc-",
    // Kong.
    "x-anonymous-consumer",
    "x-consumer-",
    "x-credential-",
    // Google's API Gateway and Cloud Endpoints.
    "x-apigateway-",
    "x-endpoint-api-",
    "x-authentik-",
    "x-authorization*",
    "x-client-cert*",
    "x-cluster-client-ip",
    "x-email",
    "x-envoy-",
    "x-gatelodge-",
    "x-goog-authenticated-user-",
    "x-goog-iap-",
    "x-group",
    "x-groups",
    "x-id-token",
    "x-identity*",
    "x-jwt*",
    "x-ms-client-principal*",
    // Azure App Service.
    "x-ms-token-",
    "x-oidc-",
    "x-pomerium-",
    "x-principal*",
    "x-role",
    "x-roles",
    "x-scope",
    "x-scopes",
    "x-subject",
    "x-token*",
    // Vouch Proxy.
    "x-vouch-",
];

/// Names that belong to one connection (RFC 9110, section 7.6.1). Beside them go those that `Connection` names.
const HOP_BY_HOP: &[&str] = &[
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Names that are about the request between the client and the gate. The gate sends a request of its own: always POST,
/// always JSON, another length, another host.
const OF_THE_EXCHANGE: &[&str] = &[
    // The body and what may come back are the gate's. A compressed answer could not be merged.
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-post",
    "accept-ranges",
    "content-*",
    "digest",
    "repr-digest",
    "want-*",
    // An answer to these is for a cache or a part of a document.
    "if-*",
    "range",
    // The gate answers it, before there is a request for the service.
    "expect",
    "host",
    "max-forwards",
    "via",
    "set-cookie",
    "x-http-method*",
    "x-method-override",
    // The origin was checked here. A service that checks it again would see the gate's host beside the page's origin.
    "access-control-*",
    "origin",
    "referer",
    "sec-*",
    // A promise of signatures over what was changed.
    "signature",
    "signature-input",
    // Ours is added.
    "x-request-id",
];

/// Names of the service's answer that reach a client. Everything else is dropped: cookies and CORS headers are the gate's,
/// and many others act on the whole origin, on which the login is too.
const DOWNWARD: &[&str] = &[
    "deprecation",
    "ratelimit*",
    "server-timing",
    "sunset",
    "traceresponse",
    "x-*",
];

/// Names that begin with `x-` and do not reach a client.
const NEVER_DOWNWARD: &[&str] = &[
    // A proxy in front of the gate obeys these: it would send an internal file, or mark the gate as unhealthy.
    "x-accel-",
    "x-appengine-",
    "x-envoy-",
    "x-lighttpd-",
    "x-litespeed-",
    "x-reproxy-",
    "x-sendfile*",
    // A browser obeys these for the page or the origin.
    "x-content-*",
    "x-dns-prefetch-control",
    "x-download-options",
    "x-frame-options",
    "x-permitted-cross-domain-policies",
    "x-robots-tag",
    "x-sourcemap",
    "x-ua-compatible",
    "x-webkit-csp*",
    "x-xss-protection",
    // They name the software, or are ours.
    "x-aspnet*",
    "x-powered-by",
    "x-request-id",
    "x-runtime",
];

/// Maximum bytes of a client's headers that are passed on. Node.js refuses a head above 16 KiB.
const MAX_UPWARD: usize = 12 * 1024;
/// Maximum bytes of the service's headers that reach a client. nginx refuses a head above 8 KiB (deploy/nginx).
const MAX_DOWNWARD: usize = 4 * 1024;

/// Folds a header's name: upper case becomes lower case, and all bytes between two letters or digits become one `-`. At the
/// beginning and the end they are removed.
pub fn fold(name: &str) -> Cow<'_, str> {
    let is_letter = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9');
    let bytes = name.as_bytes();
    let is_folded = bytes.iter().all(|byte| is_letter(*byte) || *byte == b'-')
        && !bytes.windows(2).any(|pair| pair == b"--")
        && !name.starts_with('-')
        && !name.ends_with('-');
    if is_folded {
        return Cow::Borrowed(name);
    }
    let lower = name.to_ascii_lowercase();
    let words = lower.split(|char: char| !char.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    Cow::Owned(words.join("-"))
}

/// Returns the headers of a client that reach the service. Ours are added afterwards, so that no client can name them.
pub fn upward(headers: &HeaderMap) -> HeaderMap {
    let removed = [IDENTITY, IDENTITY_OF_OTHERS, HOP_BY_HOP, OF_THE_EXCHANGE];
    pass(headers, MAX_UPWARD, |name| {
        !removed.iter().any(|names| is_among(name, names))
    })
}

/// Returns the headers of an answer that reach a client.
pub fn downward(headers: &HeaderMap) -> HeaderMap {
    let removed = [IDENTITY, IDENTITY_OF_OTHERS, HOP_BY_HOP, NEVER_DOWNWARD];
    pass(headers, MAX_DOWNWARD, |name| {
        is_among(name, DOWNWARD) && !removed.iter().any(|names| is_among(name, names))
    })
}

/// Returns the headers that pass a rule and that `Connection` does not name, as far as they fit into a size.
fn pass(headers: &HeaderMap, max: usize, rule: impl Fn(&str) -> bool) -> HeaderMap {
    let connection: Vec<_> = headers
        .get_all(header::CONNECTION)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(|name| fold(&String::from_utf8_lossy(name.trim_ascii())).into_owned())
        .collect();
    let mut passed = HeaderMap::new();
    let mut size = 0;
    for (name, value) in headers {
        let folded = fold(name.as_str());
        if !rule(&folded) || connection.iter().any(|named| *named == folded) {
            continue;
        }
        // A colon, a space and the line's end.
        let bytes = name.as_str().len() + value.len() + 4;
        if size + bytes > max {
            continue;
        }
        size += bytes;
        passed.append(name.clone(), value.clone());
    }
    passed
}

/// Returns whether a folded name is among names and beginnings of names.
fn is_among(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| {
        if let Some(beginning) = known.strip_suffix('*') {
            name.starts_with(beginning)
        } else if known.ends_with('-') {
            name.starts_with(known) || name == known.trim_end_matches('-')
        } else {
            name == *known
        }
    })
}

#[cfg(test)]
mod tests;
