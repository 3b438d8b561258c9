//! The body of an answer: complete, or an error, and never more than fits.

use axum::body::HttpBody;
use gatelodge::upstream::UpstreamError;
use http_body_util::BodyExt;

use super::*;

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

#[tokio::test]
async fn half_a_body_is_an_error() {
    for rest in [
        "content-length: 100\r\n\r\n{\"data\":",
        "transfer-encoding: chunked\r\n\r\n8\r\n{\"data\":\r\n",
        "transfer-encoding: chunked\r\n\r\n8\r\n{\"da",
        "transfer-encoding: chunked\r\n\r\nzz\r\n{\"data\":\r\n",
    ] {
        let answer = format!("{HEAD}{rest}");
        let service = Service::start(move |mut connection| {
            let answer = answer.clone();
            async move {
                connection.request().await;
                connection.send(answer).await;
            }
        })
        .await;
        let error = soon(failure(&service.client())).await;
        assert!(matches!(error, UpstreamError::Broken(_)), "{rest}: {error}");
    }
}

#[tokio::test]
async fn a_declared_size_above_the_maximum_is_refused_before_it_is_read() {
    let answer = format!("{HEAD}content-length: 10000000000\r\n\r\n{{");
    let service = Service::answering(answer).await;
    let answer = send(&service.client()).await.unwrap();
    let result = soon(answer.collect(1000)).await;
    assert_eq!(result, Err(UpstreamError::TooLarge(1000)));
}

#[tokio::test]
async fn an_endless_answer_ends_at_the_maximum() {
    let (sent, mut end) = tokio::sync::mpsc::unbounded_channel();
    let service = Service::start(move |mut connection| {
        let sent = sent.clone();
        async move {
            connection.request().await;
            connection
                .send(format!("{HEAD}transfer-encoding: chunked\r\n\r\n"))
                .await;
            let chunk = format!("1000\r\n{}\r\n", "a".repeat(0x1000));
            let mut chunks = 0_usize;
            while connection.stream.write_all(chunk.as_bytes()).await.is_ok() {
                chunks += 1;
            }
            sent.send(chunks * 0x1000).unwrap();
        }
    })
    .await;
    let max = 1 << 20;
    let answer = send(&service.client()).await.unwrap();
    assert_eq!(
        soon(answer.collect(max)).await,
        Err(UpstreamError::TooLarge(max))
    );
    // What is above the maximum was in buffers of the sockets.
    let sent = soon(end.recv()).await.unwrap();
    assert!(sent < 32 << 20, "{sent}");
}

#[tokio::test]
async fn a_body_of_exactly_the_maximum_arrives() {
    let service = Service::answering(json(DATA)).await;
    let client = service.client();
    let answer = send(&client).await.unwrap();
    assert_eq!(answer.collect(DATA.len()).await.unwrap(), DATA);
    let answer = send(&client).await.unwrap();
    let max = DATA.len() - 1;
    assert_eq!(answer.collect(max).await, Err(UpstreamError::TooLarge(max)));
}

#[tokio::test]
async fn a_body_is_read_only_as_fast_as_it_is_taken() {
    let progress = Arc::new(Mutex::new(0_usize));
    let written = Arc::clone(&progress);
    let service = Service::start(move |mut connection| {
        let written = Arc::clone(&written);
        async move {
            connection.request().await;
            connection
                .send(format!("{HEAD}content-length: 1000000000\r\n\r\n"))
                .await;
            let chunk = vec![b'a'; 65536];
            while connection.stream.write_all(&chunk).await.is_ok() {
                *written.lock().unwrap() += chunk.len();
            }
        }
    })
    .await;
    let mut answer = send(&service.client()).await.unwrap();
    answer.body.frame().await.unwrap().unwrap();
    // The service fills the buffers of the sockets, and then waits.
    let mut before = usize::MAX;
    soon(async {
        loop {
            let now = *progress.lock().unwrap();
            if now == before {
                break;
            }
            before = now;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    })
    .await;
    assert!(before < 64 << 20, "{before}");
    // When more is taken, more comes.
    let mut taken = 0;
    while taken < before + (1 << 20) {
        let frame = soon(answer.body.frame()).await.unwrap().unwrap();
        taken += frame.into_data().unwrap().len();
    }
}

#[tokio::test]
async fn a_length_beside_chunks_does_not_count() {
    let chunks = format!("{:x}\r\n{DATA}\r\n0\r\n\r\n", DATA.len());
    for lengths in [
        "content-length: 3\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 3\r\n",
    ] {
        let service = Service::answering(format!("{HEAD}{lengths}\r\n{chunks}")).await;
        let client = service.client();
        // Whichever way it is read, no byte of one answer may become the next one.
        for _ in 0..2 {
            match soon(body(&client)).await {
                Ok(body) => assert_eq!(body, DATA),
                Err(error) => assert!(matches!(error, UpstreamError::Broken(_)), "{error}"),
            }
        }
    }
}

#[tokio::test]
async fn bytes_after_an_answer_are_no_answer_to_the_next_request() {
    let forged = json(r#"{"data":{"tasks":["of somebody else"]}}"#);
    let service = Service::answering(json(DATA) + &forged).await;
    let client = service.client();
    for _ in 0..3 {
        match soon(body(&client)).await {
            Ok(body) => assert_eq!(body, DATA),
            Err(error) => assert!(matches!(error, UpstreamError::Broken(_)), "{error}"),
        }
    }
}

#[tokio::test]
async fn trailers_are_dropped_and_the_size_is_known_where_it_is_declared() {
    let chunks = format!("{:x}\r\n{DATA}\r\n0\r\nset-cookie: a=b\r\n\r\n", DATA.len());
    let head = "trailer: set-cookie\r\ntransfer-encoding: chunked\r\n";
    let service = Service::answering(format!("{HEAD}{head}\r\n{chunks}")).await;
    let answer = send(&service.client()).await.unwrap();
    assert_eq!(answer.body.size_hint().exact(), None);
    let collected = answer.body.collect().await.unwrap();
    assert!(collected.trailers().is_none());
    assert_eq!(collected.to_bytes(), DATA);
    let service = Service::answering(json(DATA)).await;
    let answer = send(&service.client()).await.unwrap();
    assert_eq!(answer.body.size_hint().exact(), Some(DATA.len() as u64));
}
