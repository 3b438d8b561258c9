//! `gatelodge doctor`: browsers, files and the database.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{CommandOutput, TestApp, gatelodge, on_every_database};

/// Runs doctor in a folder, and returns its exit status and its findings.
pub fn doctor(
    directory: &TempDir,
    environment: &[(&str, &str)],
    arguments: &[&str],
) -> (i32, Vec<Value>) {
    let mut command = gatelodge(directory);
    command
        .envs(environment.iter().copied())
        .args(["doctor", "--json"])
        .args(arguments);
    let output = CommandOutput::from(command.output().unwrap());
    let findings = serde_json::from_str(&output.out);
    (
        output.status,
        findings.unwrap_or_else(|_| panic!("{}", output.error)),
    )
}

/// Returns whether there is a finding of a level with these words.
pub fn has(findings: &[Value], level: &str, words: &str) -> bool {
    findings.iter().any(|finding| {
        let text = format!("{} {}", finding["message"], finding["fix"]);
        finding["level"] == level && text.contains(words)
    })
}

/// The public URL and what a deployment needs beside it.
fn deployed(url: &str) -> Vec<(&str, &str)> {
    vec![
        ("GATELODGE_PUBLIC_URL", url),
        ("GATELODGE_SECRET", "a secret of thirty-two bytes or more"),
        ("GATELODGE_TRUSTED_PROXIES", "10.0.0.1"),
    ]
}

#[test]
fn the_defaults_have_no_problem_and_a_missing_database_is_not_created() {
    let directory = tempfile::tempdir().unwrap();
    let (status, findings) = doctor(&directory, &[], &[]);
    assert_eq!(status, 0, "{findings:#?}");
    assert!(has(&findings, "ok", "all settings are valid"));
    assert!(has(
        &findings,
        "ok",
        "http://127.0.0.1:5173 and http://127.0.0.1:8000 are the same site"
    ));
    assert!(has(&findings, "warning", "gatelodge.db does not exist"));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_frontend_is_compared_with_the_public_url_as_browsers_do() {
    let auth = "https://auth.example.com";
    for (url, samesite, frontend, level, words) in [
        (
            auth,
            "lax",
            "https://app.example.com",
            "ok",
            "are the same site",
        ),
        (
            auth,
            "lax",
            "https://app.example.com",
            "ok",
            "__Host-gatelodge=…; HttpOnly; SameSite=Lax; Secure; Path=/",
        ),
        (
            auth,
            "lax",
            "https://app.example.org",
            "problem",
            "their domains differ",
        ),
        (
            auth,
            "strict",
            "https://app.example.org",
            "problem",
            "SameSite=Strict",
        ),
        (
            auth,
            "none",
            "https://app.example.org",
            "warning",
            "third-party cookie",
        ),
        (
            auth,
            "none",
            "https://app.example.com",
            "ok",
            "are the same site",
        ),
        (
            auth,
            "lax",
            "http://app.example.com",
            "problem",
            "one is http and the other https",
        ),
        (
            auth,
            "lax",
            "http://app.example.com",
            "warning",
            "plain http",
        ),
        (
            auth,
            "lax",
            "http://localhost:5173",
            "warning",
            "users' own machines",
        ),
        (
            "https://one.github.io",
            "lax",
            "https://other.github.io",
            "problem",
            "their domains differ",
        ),
        (
            "https://one.co.uk",
            "lax",
            "https://other.co.uk",
            "problem",
            "their domains differ",
        ),
        (
            "https://auth.one.co.uk",
            "lax",
            "https://app.one.co.uk",
            "ok",
            "are the same site",
        ),
        (
            "http://auth.example.com",
            "lax",
            "https://app.example.com",
            "problem",
            "mixed content",
        ),
        (
            "http://auth.example.com",
            "lax",
            "http://app.example.com",
            "warning",
            "passwords and cookies",
        ),
        (
            "http://localhost:8000",
            "lax",
            "https://localhost:5173",
            "warning",
            "mixed content",
        ),
        (
            "http://localhost:8000",
            "lax",
            "http://127.0.0.1:5173",
            "ok",
            "must call http://127.0.0.1:8000",
        ),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let mut settings = deployed(url);
        settings.push(("GATELODGE_COOKIE_SAMESITE", samesite));
        settings.push(("GATELODGE_ALLOW_INSECURE_PUBLIC_URL", "true"));
        settings.push(("GATELODGE_ALLOWED_ORIGINS", frontend));
        let (status, findings) = doctor(&directory, &settings, &[]);
        assert!(has(&findings, level, words), "{words}: {findings:#?}");
        assert_eq!(
            status,
            i32::from(has(&findings, "problem", "")),
            "{findings:#?}"
        );
        // The same for a frontend that is named, except that it need not be allowed.
        settings.pop();
        let (status, findings) = doctor(&directory, &settings, &["--frontend", frontend]);
        let is_default = frontend.ends_with("127.0.0.1:5173");
        assert_eq!(status, i32::from(!is_default), "{findings:#?}");
        assert_eq!(
            has(&findings, "problem", "not an allowed origin"),
            !is_default
        );
    }
}

#[test]
fn an_untrusted_proxy_and_an_unknown_variable_are_warnings() {
    let directory = tempfile::tempdir().unwrap();
    let mut settings = deployed("https://auth.example.com");
    settings.pop();
    settings.push(("GATELODGE_TYPO", "1"));
    let (status, findings) = doctor(&directory, &settings, &[]);
    assert_eq!(status, 0, "{findings:#?}");
    assert!(has(&findings, "warning", "GATELODGE_TRUSTED_PROXIES"));
    assert!(has(&findings, "warning", "GATELODGE_TYPO"));
    assert!(has(
        &findings,
        "ok",
        "only pages on https://auth.example.com"
    ));
}

#[test]
fn wrong_settings_are_refused_as_at_start() {
    let directory = tempfile::tempdir().unwrap();
    let output = gatelodge(&directory)
        .env("GATELODGE_SESSION_IDLE", "60d")
        .arg("doctor")
        .output()
        .unwrap();
    let output = CommandOutput::from(output);
    assert_eq!(output.status, 2);
    assert!(
        output.error.contains("GATELODGE_SESSION_IDLE"),
        "{}",
        output.error
    );
}

#[test]
fn files_that_others_can_read_or_change_are_reported() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let set = |name: &str, mode| {
        fs::set_permissions(path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    let migrated = gatelodge(&directory).arg("migrate").status().unwrap();
    assert!(migrated.success());
    fs::write(path("secret"), "a secret of thirty-two bytes or more").unwrap();
    fs::write(path("gatelodge.toml"), "secret-file = \"secret\"").unwrap();
    set("secret", 0o600);
    let settings = [("GATELODGE_CONFIG", "gatelodge.toml")];
    let (status, findings) = doctor(&directory, &settings, &[]);
    assert_eq!(status, 0, "{findings:#?}");
    assert!(has(&findings, "ok", "only its owner can read gatelodge.db"));
    assert!(has(&findings, "ok", "only its owner can read secret"));
    set("secret", 0o640);
    set("gatelodge.db", 0o644);
    set("gatelodge.toml", 0o666);
    let (status, findings) = doctor(&directory, &settings, &[]);
    assert_eq!(status, 1, "{findings:#?}");
    assert!(has(&findings, "warning", "chmod 600 secret"));
    assert!(has(&findings, "warning", "chmod 600 gatelodge.db"));
    assert!(has(&findings, "problem", "chmod 600 gatelodge.toml"));
}

#[test]
fn a_database_is_inspected_and_not_changed() {
    on_every_database(async |database| {
        let directory = tempfile::tempdir().unwrap();
        let settings = [("DATABASE_URL", database.url.as_str())];
        if !database.is_sqlite() {
            let before = database.db_dump().await;
            let (status, findings) = doctor(&directory, &settings, &[]);
            assert_eq!(status, 0, "{findings:#?}");
            assert!(
                has(&findings, "warning", "migrations are pending"),
                "{findings:#?}"
            );
            assert_eq!(database.db_dump().await, before);
        }
        let app = TestApp::spawn(database, |_| {}).await;
        let before = app.database.db_dump().await;
        let settings = [("DATABASE_URL", app.database.url.as_str())];
        let (status, findings) = doctor(&directory, &settings, &[]);
        assert_eq!(status, 0, "{findings:#?}");
        assert!(
            has(&findings, "ok", "all migrations are applied"),
            "{findings:#?}"
        );
        assert!(has(&findings, "ok", "it accepts writes"), "{findings:#?}");
        assert_eq!(app.database.db_dump().await, before);
        if !app.database.is_sqlite() {
            assert!(
                has(&findings, "ok", "clock and the database's differ"),
                "{findings:#?}"
            );
            assert!(has(&findings, "ok", "which needs no TLS"), "{findings:#?}");
        }
        app.database
            .db_execute("INSERT INTO schema_levels (migration, level, min_level, version) VALUES ('m99', 99, 99, '9.9.9')")
            .await;
        app.database
            .db_execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99', 0)")
            .await;
        let (status, findings) = doctor(&directory, &settings, &[]);
        assert_eq!(status, 1, "{findings:#?}");
        assert!(has(&findings, "problem", "9.9.9"), "{findings:#?}");
        app.stop().await;
    });
}

#[test]
fn a_database_that_does_not_answer_is_a_problem_without_its_password() {
    let directory = tempfile::tempdir().unwrap();
    let settings = [("DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/d")];
    let (status, findings) = doctor(&directory, &settings, &[]);
    assert_eq!(status, 1);
    assert!(
        has(
            &findings,
            "problem",
            "postgres://127.0.0.1:1/d cannot be used"
        ),
        "{findings:#?}"
    );
    assert!(!format!("{findings:?}").contains("hunter2"));
}

#[test]
fn findings_are_lines_for_humans() {
    let directory = tempfile::tempdir().unwrap();
    let output = gatelodge(&directory)
        .args(["doctor", "--frontend", "https://app.example.com"])
        .output()
        .unwrap();
    let output = CommandOutput::from(output);
    assert_eq!(output.status, 1);
    let lines: Vec<_> = output.out.lines().collect();
    assert!(
        lines
            .iter()
            .all(|line| ["ok", "warning", "problem"].contains(&line.split(' ').next().unwrap())),
        "{lines:#?}"
    );
    assert!(
        output.error.contains("problems were found"),
        "{}",
        output.error
    );
}
