//! Metrics for Prometheus: results of logins and registrations, on the admin listener alone, without usernames.

use reqwest::StatusCode;

use crate::harness::{PASSWORD, codes, test_with};

#[test]
fn logins_and_registrations_are_counted_by_result_and_by_nothing_else() {
    let few = |config: &mut gatelodge::config::Config| {
        config.throttle.account = 2;
        config.throttle.register.count = 2;
    };
    test_with(few, async |app| {
        let fresh = app.metrics().await;
        for outcome in ["succeeded", "refused", "throttled", "failed", "abandoned"] {
            for what in ["logins", "registrations"] {
                let line = format!("gatelodge_{what}_total{{outcome=\"{outcome}\"}} 0\n");
                assert!(fresh.contains(&line), "{line}{fresh}");
            }
        }
        app.register("ada").await;
        app.browser().register("ada", "short").await;
        app.browser().register("ada", PASSWORD).await;
        app.browser().register("eve", PASSWORD).await;
        app.browser().login("ada", PASSWORD).await;
        app.browser().login("", "").await;
        for _ in 0..3 {
            let last = app.browser().login("nobody", "hunter2").await;
            assert_eq!(codes(&last).len(), 1);
        }
        let metrics = app.metrics().await;
        for line in [
            "gatelodge_registrations_total{outcome=\"succeeded\"} 1",
            "gatelodge_registrations_total{outcome=\"refused\"} 2",
            "gatelodge_registrations_total{outcome=\"throttled\"} 1",
            "gatelodge_logins_total{outcome=\"succeeded\"} 1",
            "gatelodge_logins_total{outcome=\"refused\"} 3",
            "gatelodge_logins_total{outcome=\"throttled\"} 1",
            "gatelodge_logins_total{outcome=\"failed\"} 0",
            "gatelodge_hashes_waiting 0",
            "gatelodge_hashes_working 0",
            "gatelodge_log_lines_dropped_total{kind=\"security\"} 0",
            "gatelodge_log_lines_dropped_total{kind=\"ordinary\"} 0",
            "# TYPE gatelodge_logins_total counter",
        ] {
            assert!(metrics.contains(line), "{line}\n{metrics}");
        }
        for word in ["ada", "nobody", "hunter2", "127.0.0.1"] {
            assert!(!metrics.contains(word), "{word}");
        }
    });
}

#[test]
fn waiting_and_running_hashes_are_measured() {
    let slow = |config: &mut gatelodge::config::Config| {
        config.password.memory_kib = 65_536;
        config.password.iterations = 8;
        config.password.workers = std::num::NonZero::new(1);
    };
    test_with(slow, async |app| {
        let mut logins = tokio::task::JoinSet::new();
        for _ in 0..3 {
            let browser = app.browser();
            logins.spawn(async move { browser.login("nobody", PASSWORD).await });
        }
        let both = async || {
            let metrics = app.metrics().await;
            metrics.contains("gatelodge_hashes_waiting 2")
                && metrics.contains("gatelodge_hashes_working 1")
        };
        crate::harness::eventually("two wait for one", both).await;
        logins.join_all().await;
        let none = async || app.metrics().await.contains("gatelodge_hashes_working 0");
        crate::harness::eventually("none is running", none).await;
    });
}

#[test]
fn metrics_are_served_on_the_admin_listener_alone() {
    test_with(
        |_| {},
        async |app| {
            let public = app.browser().get("/metrics").await;
            assert_eq!(public.status, StatusCode::NOT_FOUND);
            let admin = app.browser().at(app.admin).on_page(None);
            let reply = admin.get("/metrics").await;
            assert_eq!(
                reply.header("content-type"),
                Some("text/plain; version=0.0.4; charset=utf-8")
            );
            let posted = admin.request(reqwest::Method::POST, "/metrics");
            assert_eq!(
                admin.send(posted).await.status,
                StatusCode::METHOD_NOT_ALLOWED
            );
        },
    );
}
