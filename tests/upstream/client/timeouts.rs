//! The time-outs of a request, one at a time.

use std::time::Instant;

use gatelodge::upstream::UpstreamError;
use http_body_util::BodyExt;

use super::*;

const SHORT: Duration = Duration::from_millis(200);
const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

/// Starts a service that sends the beginning of an answer, and then a byte at each interval.
async fn dripping(beginning: &str, interval: Duration) -> Service {
    let beginning = beginning.to_owned();
    Service::start(move |mut connection| {
        let beginning = beginning.clone();
        async move {
            connection.request().await;
            connection.send(beginning).await;
            while connection.stream.write_all(b" ").await.is_ok() {
                tokio::time::sleep(interval).await;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_service_that_does_not_begin_to_answer_is_given_up() {
    let service = Service::start(async |mut connection| {
        connection.request().await;
        connection.silent().await;
    })
    .await;
    let client = service.client_with(|config| config.first_byte_timeout = SHORT);
    let error = soon(failure(&client)).await;
    assert_eq!(error, UpstreamError::FirstByteTimeout);
    assert!(error.is_timeout());
    // A head that comes byte by byte has not begun either.
    let service = dripping("HTTP/1.1 200 OK\r\nx-a:", Duration::from_millis(20)).await;
    let client = service.client_with(|config| config.first_byte_timeout = SHORT);
    assert_eq!(
        soon(failure(&client)).await,
        UpstreamError::FirstByteTimeout
    );
}

#[tokio::test]
async fn an_answer_that_stops_is_given_up() {
    let service = Service::answering(format!("{HEAD}content-length: 10\r\n\r\n{{")).await;
    for is_bounded in [true, false] {
        let client = service.client_with(|config| config.silence_timeout = SHORT);
        let mut answer = send(&client).await.unwrap();
        if !is_bounded {
            answer.body = answer.body.unbounded();
        }
        let error = soon(answer.collect(100)).await.unwrap_err();
        assert_eq!(error, UpstreamError::Silence);
        assert!(error.is_timeout());
    }
}

#[tokio::test]
async fn a_byte_now_and_then_is_no_silence_but_ends_at_the_time_out_of_the_whole() {
    let beginning = format!("{HEAD}content-length: 1000000\r\n\r\n{{");
    let service = dripping(&beginning, Duration::from_millis(20)).await;
    let client = service.client_with(|config| {
        config.silence_timeout = Duration::from_millis(700);
        config.timeout = Duration::from_millis(1500);
    });
    let begin = Instant::now();
    let error = soon(failure(&client)).await;
    assert_eq!(error, UpstreamError::Timeout);
    assert!(error.is_timeout());
    assert!(begin.elapsed() >= Duration::from_millis(1500));
    // A stream has no such end.
    let answer = send(&client).await.unwrap();
    let mut body = answer.body.unbounded();
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(2) {
        soon(body.frame()).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn the_time_out_of_the_whole_ends_the_wait_for_the_head_too() {
    let service = Service::start(async |connection| connection.silent().await).await;
    let client = service.client_with(|config| config.timeout = SHORT);
    assert_eq!(soon(failure(&client)).await, UpstreamError::Timeout);
}

#[tokio::test]
async fn an_endless_answer_without_pauses_ends_at_the_time_out_of_the_whole() {
    let service = Service::start(async |mut connection| {
        connection.request().await;
        connection
            .send(format!("{HEAD}content-length: 10000000000\r\n\r\n"))
            .await;
        let chunk = vec![b'a'; 65536];
        while connection.stream.write_all(&chunk).await.is_ok() {}
    })
    .await;
    let client = service.client_with(|config| config.timeout = Duration::from_millis(500));
    let mut body = send(&client).await.unwrap().body;
    let error = soon(async {
        loop {
            if let Err(error) = body.frame().await.unwrap() {
                return error;
            }
        }
    })
    .await;
    assert_eq!(error, UpstreamError::Timeout);
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn a_client_that_takes_too_long_meets_the_time_out_of_the_whole() {
    let service = Service::answering(json(DATA)).await;
    let client = service.client_with(|config| config.timeout = Duration::from_secs(1));
    let mut body = send(&client).await.unwrap().body;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    // The bytes are there, so nothing is waited for.
    let error = body.frame().await.unwrap().unwrap_err();
    assert_eq!(error, UpstreamError::Timeout);
}

#[tokio::test]
async fn a_client_that_takes_its_time_is_no_silence_of_the_service() {
    let service = Service::start(async |mut connection| {
        connection.request().await;
        connection
            .send(format!("{HEAD}content-length: 2\r\n\r\n{{"))
            .await;
        // The client tells when it has taken the first byte and waited.
        connection.stream.readable().await.unwrap();
    })
    .await;
    let client = service.client_with(|config| config.silence_timeout = SHORT);
    let mut body = send(&client).await.unwrap().body;
    body.frame().await.unwrap().unwrap();
    tokio::time::sleep(SHORT * 2).await;
    // The time of the wait begins when more is asked for.
    let begin = Instant::now();
    let error = soon(body.frame()).await.unwrap().unwrap_err();
    assert_eq!(error, UpstreamError::Silence);
    assert!(begin.elapsed() >= SHORT);
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_is_an_error_at_once_or_in_time() {
    let closed = Service::answering("").await;
    let client = closed.client();
    drop(closed);
    let error = soon(async {
        loop {
            // The port may still be open for a moment.
            match failure(&client).await {
                UpstreamError::Broken(_) => tokio::task::yield_now().await,
                error => return error,
            }
        }
    })
    .await;
    assert!(matches!(error, UpstreamError::Unreachable(_)), "{error}");
    assert!(!error.is_timeout());
}

#[tokio::test]
async fn a_service_that_does_not_finish_the_tls_handshake_is_a_connect_time_out() {
    let service = Service::start(async |connection| connection.silent().await).await;
    let client = service.client_with(|config| {
        config.url.set_scheme("https").unwrap();
        config.connect_timeout = SHORT;
    });
    let error = soon(failure(&client)).await;
    assert_eq!(error, UpstreamError::ConnectTimeout);
    assert!(error.is_timeout());
}
