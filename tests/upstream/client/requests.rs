//! The request that the service gets.

use gatelodge::upstream::ForwardedFor;
use secrecy::SecretString;

use super::*;

/// Sends a request with these headers of a client, and returns the bytes that the service gets.
async fn received<'r>(
    headers: &'r HeaderMap,
    change: impl FnOnce(&mut UpstreamRequest<'r>),
) -> String {
    let service = Service::answering(json(DATA)).await;
    let mut request = request(headers);
    change(&mut request);
    service.client().send(request).await.unwrap();
    let received = service.received();
    assert_eq!(received.len(), 1);
    received[0].1.clone()
}

/// Returns the lines of the head in lower case, sorted, without the first one.
fn head(request: &str) -> Vec<String> {
    let (head, _) = request.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<_> = head.lines().skip(1).map(str::to_lowercase).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn a_request_is_a_post_of_json_with_its_length_and_nothing_of_the_clients_connection() {
    let sent = headers(&[
        ("host", "evil.example"),
        ("content-length", "3"),
        ("transfer-encoding", "chunked"),
        ("content-type", "text/plain"),
        ("content-encoding", "gzip"),
        ("expect", "100-continue"),
        ("connection", "close, x-secret"),
        ("x-secret", "1"),
        ("upgrade", "h2c"),
        ("te", "trailers"),
        ("accept", "text/html"),
        ("accept-encoding", "gzip, br"),
        ("cookie", "__Host-gatelodge=token; other=1"),
        ("origin", "https://app.example.com"),
        ("sec-fetch-site", "same-origin"),
        ("authorization", "Bearer forged"),
        ("remote_user", "admin"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-request-id", "forged"),
    ]);
    let request = received(&sent, |_| {}).await;
    assert!(
        request.starts_with("POST /graphql HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(request.ends_with(&format!("\r\n\r\n{QUERY}")), "{request}");
    let lines = head(&request);
    let host = lines
        .iter()
        .find(|line| line.starts_with("host: 127.0.0.1:"));
    let mut expected = [
        "accept: application/graphql-response+json".to_owned(),
        format!("content-length: {}", QUERY.len()),
        "content-type: application/json".to_owned(),
        host.unwrap().clone(),
        "x-request-id: request-1".to_owned(),
    ];
    expected.sort();
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn what_is_ours_is_added_last() {
    let token = SecretString::from("the.token");
    let sent = headers(&[
        (
            "connection",
            "authorization, x-request-id, x-forwarded-for, traceparent-not",
        ),
        ("authorization", "Bearer forged"),
        ("x-forwarded-host", "evil.example"),
        (
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ),
        ("tracestate", "a=b"),
        ("accept-language", "de"),
        ("x-tenant", "a"),
    ]);
    let request = received(&sent, |request| {
        request.token = Some(&token);
        request.forwarded = Some(ForwardedFor {
            address: "2001:db8::1".parse().unwrap(),
            proto: "https",
            host: "auth.example.com",
        });
    });
    let request = request.await;
    for line in [
        "authorization: bearer the.token",
        "x-request-id: request-1",
        "x-forwarded-for: 2001:db8::1",
        "x-forwarded-proto: https",
        "x-forwarded-host: auth.example.com",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "tracestate: a=b",
        "accept-language: de",
        "x-tenant: a",
    ] {
        let name = line.split(':').next().unwrap();
        let lines = head(&request);
        let found: Vec<_> = lines
            .iter()
            .filter(|line| line.starts_with(&format!("{name}:")))
            .collect();
        assert_eq!(found, [line]);
    }
}

#[tokio::test]
async fn the_path_and_query_of_the_address_are_used_as_they_are() {
    let service = Service::answering(json(DATA)).await;
    let client = service.client_with(|config| {
        config.url.set_path("/v1/graphql/");
        config.url.set_query(Some("tenant=a%2Fb"));
    });
    body(&client).await.unwrap();
    let request = service.received()[0].1.clone();
    let first = request.lines().next().unwrap();
    assert_eq!(first, "POST /v1/graphql/?tenant=a%2Fb HTTP/1.1");
}
