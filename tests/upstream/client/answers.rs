//! What counts as an answer of the service.

use axum::http::StatusCode;
use gatelodge::upstream::{MediaType, UpstreamError};

use super::*;

#[tokio::test]
async fn an_answer_in_json_arrives_with_its_status_and_its_body() {
    for (status, code) in [("200 OK", 200), ("400 Bad Request", 400)] {
        for (name, media_type) in [
            ("application/json; charset=utf-8", MediaType::Json),
            (
                "application/graphql-response+json",
                MediaType::GraphqlResponse,
            ),
        ] {
            let head = format!("content-type: {name}\r\n");
            let service = Service::answering(with_head(status, &head, DATA)).await;
            let answer = send(&service.client()).await.unwrap();
            assert_eq!(answer.status, code);
            assert_eq!(answer.media_type(), media_type);
            assert_eq!(answer.content_type(), name);
            assert_eq!(answer.collect(100).await.unwrap(), DATA);
        }
    }
}

#[tokio::test]
async fn a_stream_arrives_with_its_media_type() {
    for (name, media_type) in [
        ("multipart/mixed; boundary=\"-\"", MediaType::Multipart),
        ("text/event-stream", MediaType::EventStream),
    ] {
        let head = format!("content-type: {name}\r\n");
        let service = Service::answering(with_head("200 OK", &head, "parts")).await;
        let answer = send(&service.client()).await.unwrap();
        assert_eq!(
            (answer.media_type(), answer.content_type()),
            (media_type, &HeaderValue::from_static(name))
        );
        assert_eq!(answer.collect(100).await.unwrap(), "parts");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_graphql_is_refused() {
    for answer in [
        with_head("200 OK", "content-type: text/html\r\n", "<html>"),
        with_head(
            "400 Bad Request",
            "content-type: application/json\r\ncontent-encoding: gzip\r\n",
            "x",
        ),
        with_head(
            "200 OK",
            "content-type: application/json\r\ncontent-encoding: br\r\n",
            DATA,
        ),
        with_head(
            "200 OK",
            "content-type: application/json\r\ncontent-type: text/html\r\n",
            DATA,
        ),
        with_head(
            "200 OK",
            "content-type: application/json; charset=utf-16\r\n",
            DATA,
        ),
        with_head("200 OK", "", DATA),
    ] {
        let service = Service::answering(answer.clone()).await;
        let error = failure(&service.client()).await;
        assert!(
            matches!(error, UpstreamError::NotGraphql(_)),
            "{answer}: {error}"
        );
        assert!(!error.is_timeout());
    }
}

#[tokio::test]
async fn a_status_that_is_about_the_gates_own_request_is_no_answer() {
    for status in [
        101, 201, 204, 206, 301, 302, 304, 307, 308, 401, 403, 404, 405, 407, 413, 415, 429, 500,
        502, 503,
    ] {
        // Only an attempt to follow the redirect would find this connection.
        let elsewhere = Service::answering(json(DATA)).await;
        let head = format!(
            "content-type: application/json\r\nlocation: http://{}/\r\nwww-authenticate: Basic\r\n",
            elsewhere.address
        );
        let body = if matches!(status, 101 | 204 | 304) {
            ""
        } else {
            DATA
        };
        let answer = match status {
            101 => "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n".to_owned(),
            204 | 304 => format!("HTTP/1.1 {status} X\r\n{head}\r\n"),
            _ => with_head(&format!("{status} X"), &head, body),
        };
        let service = Service::answering(answer).await;
        let result = soon(super::body(&service.client())).await;
        if status == 201 {
            assert_eq!(result.unwrap(), DATA);
            continue;
        }
        let code = StatusCode::from_u16(status).unwrap();
        assert_eq!(result, Err(UpstreamError::Status(code)));
        assert_eq!(service.connections().len(), 1, "{status}");
        assert!(elsewhere.received().is_empty(), "{status}");
    }
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    let endless_head = format!("HTTP/1.1 200 OK\r\nx-long: {}", "a".repeat(200_000));
    let many = "x-many: 1\r\n".repeat(200);
    for answer in [
        "SSH-2.0-OpenSSH_9.2\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}".to_owned(),
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nbad header\r\n\r\n".to_owned(),
        with_head("200 OK", &many, DATA),
        endless_head,
    ] {
        let service = Service::answering(answer.clone()).await;
        let error = soon(failure(&service.client())).await;
        let start: String = answer.chars().take(60).collect();
        assert!(
            matches!(error, UpstreamError::Broken(_)),
            "{start}: {error}"
        );
    }
}

#[tokio::test]
async fn cookies_and_rules_for_the_browser_stay_behind_and_an_applications_headers_arrive() {
    let head = "content-type: application/json\r\nset-cookie: __Host-gatelodge=stolen; Path=/; Secure\r\n\
                access-control-allow-origin: *\r\nx-accel-redirect: /internal\r\ngatelodge-identity: x\r\n\
                connection: x-hop\r\nx-hop: 1\r\nx-cost: 12\r\nserver-timing: db\r\nserver: node\r\n";
    let service = Service::answering(with_head("200 OK", head, DATA)).await;
    let answer = send(&service.client()).await.unwrap();
    let expected = headers(&[("x-cost", "12"), ("server-timing", "db")]);
    assert_eq!(answer.headers, expected);
}
