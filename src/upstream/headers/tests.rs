use hyper::header::{HeaderName, HeaderValue};
use proptest::{collection::vec, prelude::*};

use super::*;

fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let name = HeaderName::try_from(*name).unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn names(headers: &HeaderMap) -> Vec<&str> {
    headers.keys().map(HeaderName::as_str).collect()
}

#[test]
fn what_an_application_sends_reaches_the_service() {
    let sent = [
        ("accept-language", "de"),
        ("user-agent", "curl/8"),
        (
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ),
        ("tracestate", "a=b"),
        ("x-tenant", "a"),
        ("x-tenant", "b"),
        ("apollographql-client-name", "web"),
    ];
    let sent = headers(&sent);
    assert_eq!(upward(&sent), sent);
}

#[test]
fn no_spelling_of_an_identity_reaches_the_service() {
    for name in [
        "authorization",
        "proxy-authorization",
        "cookie",
        "remote-user",
        "remote_user",
        "Remote.User",
        "x-remote-groups",
        "x_auth_request_email",
        "x-authenticated-user",
        "x-user",
        "x-userid",
        "x_user_id",
        "x-webauth-user",
        "x-ssl-client-cert",
        "x-forwarded-for",
        "x.forwarded.for",
        "forwarded",
        "x-real-ip",
        "x-client-ip",
        "true-client-ip",
        "x-original-url",
        "x-rewrite-url",
        "x-hasura-admin-secret",
        "x-hasura_role",
        "gatelodge-user-id",
        "gatelodge!roles",
        "x-request-id",
        "x-http-method-override",
        "cf-access-jwt-assertion",
        "x-goog-iap-jwt-assertion",
        "client-cert",
        "authorization_",
        "-authorization",
        "X--User",
        "x__user_id",
        "_cookie",
        "x-consumer-username",
        "x-vouch-user",
        "x-roles",
        "x-email",
        "x-authorization",
        "x-gatelodge-user-id",
        "x-endpoint-api-userinfo",
        "x-jwt",
        "x-authentik-username",
    ] {
        let headers = headers(&[(name, "admin")]);
        assert_eq!(upward(&headers), HeaderMap::new(), "{name}");
    }
}

#[test]
fn headers_of_the_exchange_and_of_the_connection_stay_here() {
    let sent = headers(&[
        ("connection", "keep-alive, X-Hop"),
        ("connection", "traceparent"),
        ("x-hop", "1"),
        ("x_hop", "1"),
        ("traceparent", "1"),
        ("keep-alive", "timeout=5"),
        ("te", "trailers"),
        ("trailer", "x-a"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "websocket"),
        ("content-length", "4"),
        ("content-type", "text/plain"),
        ("content-encoding", "gzip"),
        ("accept", "*/*"),
        ("accept-encoding", "gzip"),
        ("host", "evil"),
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("access-control-request-method", "PUT"),
        ("expect", "100-continue"),
        ("range", "bytes=0-1"),
        ("if-none-match", "*"),
        ("x-kept", "1"),
    ]);
    assert_eq!(names(&upward(&sent)), ["x-kept"]);
}

#[test]
fn only_harmless_headers_of_an_answer_reach_a_client() {
    let answer = headers(&[
        ("set-cookie", "__Host-gatelodge=stolen"),
        ("set-cookie2", "a=b"),
        ("access-control-allow-origin", "*"),
        ("strict-transport-security", "max-age=0"),
        ("content-security-policy", "default-src *"),
        ("clear-site-data", "\"*\""),
        ("alt-svc", "h3=\":443\""),
        ("service-worker-allowed", "/"),
        ("location", "https://evil.example"),
        ("www-authenticate", "Basic"),
        ("refresh", "0; url=https://evil.example"),
        ("link", "<https://evil.example>; rel=preload"),
        ("gatelodge-identity", "x"),
        ("cache-control", "public"),
        ("content-length", "1"),
        ("content-encoding", "gzip"),
        ("x-accel-redirect", "/internal"),
        ("x_accel_redirect", "/internal"),
        ("x-sendfile", "/etc/passwd"),
        ("x-frame-options", "ALLOWALL"),
        ("x-powered-by", "Express"),
        ("x-request-id", "theirs"),
        ("connection", "x-hop"),
        ("x-hop", "1"),
        ("server-timing", "db;dur=5"),
        ("traceresponse", "1"),
        ("ratelimit-policy", "1"),
        ("x-cost", "12"),
    ]);
    assert_eq!(
        names(&downward(&answer)),
        [
            "server-timing",
            "traceresponse",
            "ratelimit-policy",
            "x-cost"
        ]
    );
}

#[test]
fn what_is_passed_is_bounded_in_both_directions() {
    let mut many = HeaderMap::new();
    for number in 0..200 {
        let name = HeaderName::try_from(format!("x-{number}")).unwrap();
        many.append(name, HeaderValue::from_str(&"a".repeat(500)).unwrap());
    }
    many.append("x-small", HeaderValue::from_static("1"));
    for (passed, max) in [(upward(&many), MAX_UPWARD), (downward(&many), MAX_DOWNWARD)] {
        let size: usize = passed
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + 4)
            .sum();
        assert!(size <= max && size > max - 600, "{size}");
    }
}

/// Returns a name with a case and separators of its own.
fn spelling() -> impl Strategy<Value = String> {
    let beginnings = [IDENTITY, IDENTITY_OF_OTHERS].concat();
    let name = proptest::sample::select(beginnings);
    (name, "[a-z0-9-]{0,8}", vec(0..4_usize, 64)).prop_map(|(known, end, choices)| {
        let is_beginning = known.ends_with(['-', '*']);
        let name = known.trim_end_matches('*').to_owned() + if is_beginning { &end } else { "" };
        let spelled = name.chars().zip(choices.into_iter().cycle());
        spelled
            .map(|(char, choice)| match (char, choice) {
                ('-', 1) => "_".to_owned(),
                ('-', 2) => ".-".to_owned(),
                ('-', 3) => "~_".to_owned(),
                (char, 1) => char.to_ascii_uppercase().to_string(),
                (char, _) => char.to_string(),
            })
            .collect()
    })
}

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        spelling(),
        "[A-Za-z0-9!#$%&'*+.^_`|~-]{1,20}",
        "x[-_.][a-z]{1,10}",
        proptest::sample::select([HOP_BY_HOP, NEVER_DOWNWARD, OF_THE_EXCHANGE].concat())
            .prop_map(|name| name.trim_end_matches('*').to_owned()),
    ]
}

proptest! {
    #[test]
    fn no_header_that_is_folded_to_an_identity_passes_in_any_direction(name in spelling()) {
        let one = headers(&[(&name, "admin")]);
        prop_assert!(upward(&one).is_empty());
        prop_assert!(downward(&one).is_empty());
    }

    #[test]
    fn what_passes_was_sent_and_is_named_by_no_rule_and_no_connection(
        lines in vec((any_name(), "[a-z]{0,9}"), 0..20),
        hops in vec(any_name(), 0..3),
    ) {
        let mut sent: Vec<_> = lines.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let hop = hops.join(", ");
        sent.push(("connection", &hop));
        let sent = headers(&sent);
        for (passed, removed) in [
            (upward(&sent), [IDENTITY, IDENTITY_OF_OTHERS, HOP_BY_HOP, OF_THE_EXCHANGE]),
            (downward(&sent), [IDENTITY, IDENTITY_OF_OTHERS, HOP_BY_HOP, NEVER_DOWNWARD]),
        ] {
            for (name, value) in &passed {
                prop_assert!(sent.get_all(name).iter().any(|sent| sent == value));
                let folded = fold(name.as_str());
                prop_assert!(removed.iter().all(|names| !is_among(&folded, names)), "{}", name);
                prop_assert!(hops.iter().all(|hop| fold(hop) != folded), "{}", name);
            }
        }
        // A second reading removes nothing.
        prop_assert_eq!(upward(&upward(&sent)), upward(&sent));
        prop_assert_eq!(downward(&downward(&sent)), downward(&sent));
    }
}
