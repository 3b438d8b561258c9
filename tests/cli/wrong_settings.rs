//! Settings that are wrong, or that will not do what they seem to.

use gatelodge::cli;
use serde_json::Value;

use crate::harness::{Served, gatelodge};

/// Starts the program with wrong settings and returns what it says.
fn refused(settings: &[(&str, &str)], arguments: &[&str]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let output = gatelodge(&directory)
        .envs(settings.iter().copied())
        .args(arguments)
        .output()
        .unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    error
}

#[test]
fn all_wrong_settings_are_reported_at_once() {
    let settings = [
        ("GATELODGE_LISTEN", "localhost"),
        ("GATELODGE_SESSION_LIFETIME", "500d"),
        ("GATELODGE_ALLOWED_ORIGINS", "*"),
        ("DATABASE_URL", "oracle://x/y"),
        ("GATELODGE_SECRET", "too short"),
        ("GATELODGE_PUBLIC_URL", "http://auth.example.com"),
        ("GATELODGE_COOKIE_SAMESITE", "none"),
        ("RUST_LOG", "loud"),
    ];
    for arguments in [&[][..], &["serve"]] {
        let error = refused(&settings, arguments);
        for (name, _) in settings {
            assert!(error.contains(name), "{name} {arguments:?}: {error}");
        }
        let once = error.matches("500d").count();
        assert_eq!(once, 1, "{error}");
    }
}

#[test]
fn wrong_flags_are_reported_at_once_and_beside_wrong_variables() {
    let settings = [("GATELODGE_SESSION_LIFETIME", "500d")];
    let flags = ["--listen", "nowhere", "--throttle-account", "0"];
    let error = refused(&settings, &flags);
    for words in ["nowhere", "--throttle-account", "500d"] {
        assert_eq!(error.matches(words).count(), 1, "{words}: {error}");
    }
}

#[test]
fn a_setting_is_not_judged_by_the_default_of_a_wrong_one() {
    let settings = [
        ("GATELODGE_SESSION_LIFETIME", "500d"),
        ("GATELODGE_SESSION_IDLE", "60d"),
    ];
    let error = refused(&settings, &[]);
    assert!(!error.contains("GATELODGE_SESSION_IDLE"), "{error}");
}

#[test]
fn a_default_idle_timeout_is_lowered_to_the_lifetime() {
    let policy = |flags: &[&str]| {
        let arguments = [&["gatelodge"], flags].concat();
        let config = cli::parse(arguments.into_iter().map(Into::into)).unwrap();
        let config = config
            .resolve()
            .unwrap_or_else(|errors| panic!("{errors:?}"));
        let policy = config.session.policy();
        (policy.idle.num_hours(), policy.idle_short.num_hours())
    };
    assert_eq!(policy(&[]), (7 * 24, 12));
    assert_eq!(policy(&["--session-lifetime", "1d"]), (24, 12));
    assert_eq!(policy(&["--session-lifetime", "2h"]), (2, 2));
    assert_eq!(policy(&["--session-idle", "3h"]), (3, 3));
    assert_eq!(
        policy(&["--session-lifetime", "8h", "--session-idle", "8h"]),
        (8, 8)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_migrations_a_start_with_pending_ones_warns_with_their_names() {
    let warning = |log: &str| {
        log.lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .find(|line| line["level"] == "WARN" && line["pending"].is_string())
    };
    let (_, log) = Served::start(&[("GATELODGE_NO_MIGRATE", "true")]).stop();
    let line = warning(&log).unwrap_or_else(|| panic!("no warning: {log}"));
    assert!(
        line["message"]
            .as_str()
            .unwrap()
            .contains("gatelodge migrate")
    );
    let (_, log) = Served::start(&[]).stop();
    assert_eq!(warning(&log), None, "{log}");
}
