//! The pool: reuse, unused connections, and the second try of a query.

use gatelodge::upstream::UpstreamError;

use super::*;

/// Starts a service that answers the first request of each connection, and closes the connection when the next one has
/// arrived, after the bytes of `beginning`. Other connections than the first `broken` ones answer everything.
async fn closing(broken: usize, beginning: &'static str) -> Service {
    Service::start(move |mut connection| async move {
        let mut is_first = true;
        while connection.request().await.is_some() {
            if !is_first && connection.number < broken {
                connection.send(beginning).await;
                return;
            }
            is_first = false;
            connection.send(json(DATA)).await;
        }
    })
    .await
}

/// Reads an answer, and waits until its connection can be used again.
async fn warm_up(client: &Upstream) {
    assert_eq!(body(client).await.unwrap(), DATA);
    // The pool takes the connection back in a task of its own.
    tokio::time::sleep(Duration::from_millis(50)).await;
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let service = Service::answering(json(DATA)).await;
    let client = service.client();
    for _ in 0..3 {
        warm_up(&client).await;
    }
    // Clones share the pool.
    warm_up(&client.clone()).await;
    assert_eq!(service.connections(), [0, 0, 0, 0]);
}

#[tokio::test]
async fn a_query_is_sent_once_more_on_a_new_connection_when_a_reused_one_breaks() {
    let service = closing(1, "").await;
    let client = service.client();
    warm_up(&client).await;
    let answer = send_query(&client).await.unwrap();
    assert_eq!(answer.collect(100).await.unwrap(), DATA);
    let received = service.received();
    assert_eq!(service.connections(), [0, 0, 1]);
    assert_eq!(received[1].1, received[2].1, "the same request");
}

#[tokio::test]
async fn a_query_is_not_sent_again_from_the_rest_of_a_pool_that_broke() {
    let service = closing(3, "").await;
    let client = service.client();
    // Three connections are in the pool, and the service closes each one that is used.
    let together = [send(&client), send(&client), send(&client)];
    for answer in futures_of(together).await {
        answer.unwrap().collect(100).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(send_query(&client).await.is_ok());
    let connections = service.connections();
    assert_eq!(connections.len(), 5, "{connections:?}");
    assert_eq!(connections[4], 3, "{connections:?}");
}

/// Runs three requests at the same time.
async fn futures_of<T>(futures: [impl Future<Output = T>; 3]) -> [T; 3] {
    let [a, b, c] = futures;
    let (a, b, c) = tokio::join!(a, b, c);
    [a, b, c]
}

#[tokio::test]
async fn a_mutation_is_never_sent_again() {
    let service = closing(1, "").await;
    let client = service.client();
    warm_up(&client).await;
    let error = failure(&client).await;
    assert!(matches!(error, UpstreamError::Broken(_)), "{error}");
    assert_eq!(service.connections(), [0, 0]);
    // The next request has a new connection.
    warm_up(&client).await;
    assert_eq!(service.connections(), [0, 0, 1]);
}

#[tokio::test]
async fn a_query_is_not_sent_again_when_the_answer_has_begun() {
    for beginning in ["H", "HTTP/1.1 200 OK\r\ncontent-"] {
        let service = closing(1, beginning).await;
        let client = service.client();
        warm_up(&client).await;
        let error = send_query(&client).await.err().unwrap();
        assert!(matches!(error, UpstreamError::Broken(_)), "{error}");
        assert_eq!(service.connections(), [0, 0], "{beginning}");
    }
}

#[tokio::test]
async fn a_query_is_not_sent_again_when_its_connection_was_new() {
    let service = Service::start(async |mut connection| {
        connection.request().await;
    })
    .await;
    let error = send_query(&service.client()).await.err().unwrap();
    assert!(matches!(error, UpstreamError::Broken(_)), "{error}");
    assert_eq!(service.connections(), [0]);
}

#[tokio::test]
async fn a_query_is_sent_twice_at_most() {
    let service = Service::start(async |mut connection| {
        if connection.request().await.is_some() && connection.number == 0 {
            connection.send(json(DATA)).await;
            connection.request().await;
        }
    })
    .await;
    let client = service.client();
    warm_up(&client).await;
    let error = send_query(&client).await.err().unwrap();
    assert!(matches!(error, UpstreamError::Broken(_)), "{error}");
    assert_eq!(service.connections(), [0, 0, 1]);
}

#[tokio::test]
async fn a_connection_that_the_service_has_closed_is_not_used_again() {
    let service = Service::start(async |mut connection| {
        connection.request().await;
        connection.send(json(DATA)).await;
    })
    .await;
    let client = service.client();
    for _ in 0..3 {
        warm_up(&client).await;
    }
    assert_eq!(service.connections(), [0, 1, 2]);
}

#[tokio::test]
async fn an_unused_connection_is_closed_after_the_idle_time_out() {
    let (closed, mut is_closed) = tokio::sync::mpsc::unbounded_channel();
    let service = Service::start(move |mut connection| {
        let closed = closed.clone();
        async move {
            while connection.request().await.is_some() {
                connection.send(json(DATA)).await;
            }
            closed.send(connection.number).unwrap();
        }
    })
    .await;
    let client =
        service.client_with(|config| config.pool_idle_timeout = Duration::from_millis(300));
    warm_up(&client).await;
    // Without any further request.
    assert_eq!(soon(is_closed.recv()).await, Some(0));
    warm_up(&client).await;
    assert_eq!(service.connections(), [0, 1]);
}
