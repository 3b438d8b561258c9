//! A client that leaves: the request to the service ends within a second.

use std::time::Instant;

use http_body_util::BodyExt;

use super::*;

/// Starts a service that sends the beginning of an answer, and notes when its client closes the connection.
async fn watching(
    beginning: &'static str,
) -> (Service, tokio::sync::mpsc::UnboundedReceiver<Instant>) {
    let (closed, is_closed) = tokio::sync::mpsc::unbounded_channel();
    let service = Service::start(move |mut connection| {
        let closed = closed.clone();
        async move {
            connection.request().await;
            connection.send(beginning).await;
            connection.closed().await;
            closed.send(Instant::now()).unwrap();
        }
    })
    .await;
    (service, is_closed)
}

#[tokio::test]
async fn a_client_that_leaves_before_the_answer_ends_the_request() {
    let (service, mut is_closed) = watching("").await;
    let client = service.client();
    let request = tokio::spawn(async move { send(&client).await.is_ok() });
    crate::harness::eventually("the request arrives", async || {
        service.received().len() == 1
    })
    .await;
    let left = Instant::now();
    request.abort();
    let closed = soon(is_closed.recv()).await.unwrap();
    assert!(
        closed - left < Duration::from_secs(1),
        "{:?}",
        closed - left
    );
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_an_answer_ends_the_request() {
    for beginning in [
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n1\r\n:\r\n",
        "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 100\r\n\r\n{",
    ] {
        let (service, mut is_closed) = watching(beginning).await;
        let client = service.client();
        let answer = send(&client).await;
        if let Ok(mut answer) = answer {
            answer.body.frame().await.unwrap().unwrap();
        }
        let left = Instant::now();
        let closed = soon(is_closed.recv()).await.unwrap();
        assert!(
            closed.saturating_duration_since(left) < Duration::from_secs(1),
            "{beginning}"
        );
    }
}
