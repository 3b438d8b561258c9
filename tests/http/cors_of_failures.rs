//! Failures in the middle of a request can be read by the frontend, and by no other page.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use gatelodge::domain::entropy::{Entropy, EntropyError, OsEntropy};

use crate::harness::{PASSWORD, Reply, TestApp, on_every_database, test_with};

const ORIGIN: &str = "http://localhost:5173";

/// Asserts that the frontend can read a failure, and that a page elsewhere is refused before it.
async fn the_frontend_alone_reads(app: &TestApp, status: u16, code: &str) {
    let reply = app.browser().login_reply("ada", PASSWORD).await;
    assert_eq!(
        (reply.status.as_u16(), reply.code().as_str()),
        (status, code)
    );
    assert_eq!(allowed(&reply), Some(ORIGIN));
    assert_eq!(
        reply.header("access-control-allow-credentials"),
        Some("true")
    );
    assert!(reply.header("vary").unwrap().contains("origin"));
    assert!(reply.header("x-request-id").is_some());

    let elsewhere = app.browser().on_page(Some("https://evil.test"));
    let reply = elsewhere.login_reply("ada", PASSWORD).await;
    assert_eq!((reply.status.as_u16(), allowed(&reply)), (403, None));
}

fn allowed(reply: &Reply) -> Option<&str> {
    reply.header("access-control-allow-origin")
}

#[test]
fn an_operation_that_runs_out_of_time_can_be_read_by_the_frontend() {
    let short = |config: &mut gatelodge::config::Config| {
        config.limits.time = std::time::Duration::from_millis(1);
        // No machine executes this document in a millisecond.
        config.password.memory_kib = 65_536;
        config.password.iterations = 4;
    };
    test_with(short, async |app| {
        the_frontend_alone_reads(app, 503, "SERVICE_UNAVAILABLE").await;
        let reply = app.browser().login_reply("ada", PASSWORD).await;
        assert_eq!(reply.header("retry-after"), Some("5"), "{reply:?}");
    });
}

/// Randomness that panics from a set moment on.
struct Panicking(AtomicBool);

impl Entropy for Panicking {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        assert!(!self.0.load(Ordering::Relaxed), "a secret of the inside");
        OsEntropy.fill(bytes)
    }
}

#[test]
fn a_panic_in_a_handler_can_be_read_by_the_frontend_and_reveals_nothing() {
    on_every_database(async |database| {
        let entropy = Arc::new(Panicking(AtomicBool::new(false)));
        let app = TestApp::spawn_with_entropy(database, |_| {}, entropy.clone()).await;
        app.register("ada").await;
        entropy.0.store(true, Ordering::Relaxed);
        the_frontend_alone_reads(&app, 500, "INTERNAL_SERVER_ERROR").await;
        let reply = app.browser().login_reply("ada", PASSWORD).await;
        assert!(!reply.text.contains("inside"), "{reply:?}");
        entropy.0.store(false, Ordering::Relaxed);
        app.browser().login("ada", PASSWORD).await;
        assert_eq!(app.database.db_count("sessions").await, 2);
        app.stop().await;
    });
}
