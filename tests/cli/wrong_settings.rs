//! Settings that are wrong or have no effect.

use gatelodge::cli;
use serde_json::Value;

use crate::harness::{Program, gatelodge};

/// Starts the program with wrong settings, and returns its error output.
fn refused(settings: &[(&str, &str)], arguments: &[&str]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let output = gatelodge(&directory)
        .envs(settings.iter().copied())
        .args(arguments)
        .output()
        .unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        output.status.code(),
        Some(2),
        "{settings:?} {arguments:?}: {error}"
    );
    let files = std::fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(files, 0, "{settings:?} {arguments:?} left a file");
    error
}

/// Asserts that wrong settings are refused with these words.
fn assert_refused(settings: &[(&str, &str)], arguments: &[&str], words: &[&str]) {
    let error = refused(settings, arguments);
    for word in words {
        assert!(
            error.contains(word),
            "{settings:?} {arguments:?} should say {word}: {error}"
        );
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_wrong_setting_is_refused_at_start_with_its_name_and_a_fix() {
    for (name, value, fix) in [
        ("GATELODGE_LISTEN", "localhost", "GATELODGE_LISTEN"),
        ("GATELODGE_ADMIN_LISTEN", "on", "ADDRESS:PORT"),
        (
            "GATELODGE_PUBLIC_URL",
            "http://auth.example.com",
            "GATELODGE_ALLOW_INSECURE_PUBLIC_URL",
        ),
        (
            "GATELODGE_PUBLIC_URL",
            "https://auth.example.com/login",
            "https://auth.example.com",
        ),
        ("GATELODGE_PUBLIC_URL", "auth.example.com", "https://"),
        ("GATELODGE_ALLOWED_ORIGINS", "*", "exact origins"),
        ("GATELODGE_ALLOWED_ORIGINS", "null", "exact origins"),
        (
            "GATELODGE_ALLOWED_ORIGINS",
            "https://app.example.com/",
            "https://app.example.com ",
        ),
        (
            "GATELODGE_ALLOWED_ORIGINS",
            "https://a.example,https://B.example",
            "https://b.example",
        ),
        (
            "GATELODGE_LOGIN_URL",
            "/login",
            "https://app.example.com/login",
        ),
        (
            "GATELODGE_LOGIN_URL",
            "javascript:alert(1)",
            "http or https",
        ),
        (
            "GATELODGE_LOGIN_URL",
            "ftp://app.example.com/",
            "http or https",
        ),
        (
            "GATELODGE_LOGIN_URL",
            "https://me:x@app.example.com/",
            "without user",
        ),
        ("GATELODGE_UPSTREAM", "tasks:9000", "http or https"),
        (
            "GATELODGE_UPSTREAM",
            "/graphql",
            "http://tasks:9000/graphql",
        ),
        (
            "GATELODGE_UPSTREAM",
            "http://me:x@tasks:9000/",
            "without user",
        ),
        ("GATELODGE_UPSTREAM", "http://tasks:9000/#x", "without user"),
        ("GATELODGE_COOKIE_SAMESITE", "none", "https"),
        ("GATELODGE_COOKIE_SAMESITE", "loose", "strict"),
        ("GATELODGE_SESSION_IDLE", "7 parsecs", "7d"),
        ("GATELODGE_SESSION_IDLE", "0s", "1s"),
        ("GATELODGE_SESSION_LIFETIME", "500d", "400d"),
        ("GATELODGE_REGISTRATION", "maybe", "closed"),
        ("GATELODGE_GRAPHIQL", "maybe", "GATELODGE_GRAPHIQL"),
        ("GATELODGE_HASH_MEMORY", "1024", "19456"),
        ("GATELODGE_HASH_ITERATIONS", "1", "2"),
        ("GATELODGE_LOG_FORMAT", "xml", "json"),
        ("RUST_LOG", "a=b=c", "RUST_LOG"),
        ("RUST_LOG", "loud", "\"loud\" is no level"),
        ("RUST_LOG", "info,hyper", "gatelodge=debug"),
        ("RUST_LOG", "0", "write off"),
        ("RUST_LOG", "info,5", "write trace"),
        ("RUST_LOG", "6", "\"6\" is no level (off, error"),
        ("RUST_LOG", "warn gatelodge=debug", "by commas"),
        ("RUST_LOG", "gatelodge=loud", "RUST_LOG"),
        (
            "GATELODGE_SESSION_IDLE",
            "31d",
            "31d is above GATELODGE_SESSION_LIFETIME (30d)",
        ),
        (
            "GATELODGE_SESSION_IDLE_SHORT",
            "8d",
            "8d is above GATELODGE_SESSION_IDLE (7d)",
        ),
        ("GATELODGE_LIMIT_BODY", "0", "1 or more"),
        ("GATELODGE_LIMIT_TOKENS", "0", "1 or more"),
        ("GATELODGE_TOKEN_LIFETIME", "59s", "60s to 300s"),
        ("GATELODGE_TOKEN_LIFETIME", "301s", "60s to 300s"),
        ("GATELODGE_TOKEN_KEY_ROTATION", "59m", "at least 1h"),
        ("GATELODGE_TOKEN_AUDIENCE", "two words", "without spaces"),
        ("GATELODGE_TOKEN_ALGORITHM", "RS256", "ES256, EdDSA"),
        (
            "GATELODGE_ENCRYPTION_KEYS",
            "a:short",
            "shorter than 32 bytes",
        ),
        ("DATABASE_URL", "oracle://localhost/x", "postgres://"),
        ("DATABASE_URL", "sqlite://:memory:", "file"),
        (
            "DATABASE_URL",
            "postgres://h/d?sslmod=verify-full",
            "`sslmod`",
        ),
        (
            "DATABASE_URL",
            "mysql://h/d?ssl_mode=required",
            "`ssl_mode`",
        ),
        ("DATABASE_URL", "sqlite://a.db?Mode=rwc", "`Mode`"),
        (
            "GATELODGE_DATABASE_LISTEN_URL",
            "postgres://h/d",
            "postgres://",
        ),
        (
            "GATELODGE_PUBLIC_URL",
            "https://auth.example.com",
            "GATELODGE_SECRET",
        ),
        ("GATELODGE_SECRET", "too short", "openssl"),
        (
            "GATELODGE_SECRET",
            "change-me-to-something-that-is-long-enough",
            "everybody knows",
        ),
        ("GATELODGE_SECRET_FILE", "missing", "GATELODGE_SECRET_FILE"),
        (
            "GATELODGE_THROTTLE_ACCOUNT",
            "0",
            "GATELODGE_THROTTLE_ACCOUNT",
        ),
        ("GATELODGE_THROTTLE_SOURCE", "100", "100/10m"),
        ("GATELODGE_THROTTLE_SOURCE", "0/10m", "from 1"),
        ("GATELODGE_THROTTLE_REGISTER", "100/forever", "12h"),
        ("GATELODGE_THROTTLE_LOGINS", "0/10m", "from 1"),
        ("GATELODGE_TRUSTED_PROXIES", "proxy.internal", "10.0.0.0/8"),
        ("GATELODGE_TRUSTED_PROXIES", "10.0.0.1,0.0.0.0/0", "any"),
        ("GATELODGE_TRUSTED_PROXIES", "128.0.0.0/7", "wider than /8"),
        ("GATELODGE_TRUSTED_PROXIES", "::/0", "wider than /16"),
        (
            "GATELODGE_TRUSTED_PROXIES",
            "::ffff:0.0.0.0/96",
            "wider than /8",
        ),
        ("GATELODGE_TRUSTED_PROXIES", "ANY", "10.0.0.0/8"),
        (
            "GATELODGE_TRUSTED_PROXIES",
            "any,10.0.0.1",
            "write it alone",
        ),
        (
            "GATELODGE_ADMIN_HOSTS",
            "gate.internal:8001",
            "without ports",
        ),
        (
            "GATELODGE_SECRET",
            "abcdefgabcdefgabcdefgabcdefgabcdefg",
            "fewer than 8 different bytes",
        ),
        (
            "GATELODGE_BREACHED_PASSWORDS",
            "missing",
            "GATELODGE_BREACHED_PASSWORDS",
        ),
        (
            "GATELODGE_BREACHED_PASSWORDS_URL",
            "ftp://passwords.example/range/",
            "https://",
        ),
        (
            "GATELODGE_BREACHED_PASSWORDS_URL",
            "https://passwords.example/?range=",
            "without user",
        ),
        ("GATELODGE_PEPPERS", "2026:too-short", "openssl"),
        ("GATELODGE_PEPPERS", "hunter2", "ID:SECRET"),
        (
            "GATELODGE_PEPPERS",
            "none,2025:abcdefgabcdefgabcdefgabcdefgabcdefg",
            "a secret has fewer than 8 different bytes",
        ),
        (
            "GATELODGE_PEPPERS_FILE",
            "missing",
            "GATELODGE_PEPPERS_FILE",
        ),
        ("DATABASE_URL_FILE", "missing", "DATABASE_URL_FILE"),
        ("GATELODGE_LIMIT_DEPTH", "deep", "GATELODGE_LIMIT_DEPTH"),
    ] {
        assert_refused(&[(name, value)], &[], &[fix]);
    }
    assert_refused(&[], &["--unknown-flag"], &["--unknown-flag"]);
    assert_refused(&[], &["unknown-command"], &["unknown-command"]);
    assert_refused(&[], &["migrate", "sideways"], &["up", "down", "status"]);
    assert_refused(&[("DATABASE_URL", "postgres://u:hunter2@")], &[], &[]);
}

#[test]
fn a_wrong_database_url_is_never_repeated() {
    let directory = tempfile::tempdir().unwrap();
    for url in [
        "hunter2",
        "oracle://me:hunter2@x/y",
        "postgres://me:hunter2@127.0.0.1:1/x",
    ] {
        let output = gatelodge(&directory)
            .env("DATABASE_URL", url)
            .output()
            .unwrap();
        assert_ne!(output.status.code(), Some(0));
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        // Clap names the wrong value of an argument; it must not name a database URL.
        assert!(!text.contains("hunter2"), "{text}");
    }
    let help = gatelodge(&directory)
        .env("DATABASE_URL", "postgres://me:hunter2@x/y")
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("DATABASE_URL") && !help.contains("hunter2"));
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
fn a_setting_is_not_checked_against_the_default_of_a_wrong_one() {
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
    let (_, log) = Program::start(&[("GATELODGE_NO_MIGRATE", "true")]).stop();
    let line = warning(&log).unwrap_or_else(|| panic!("no warning: {log}"));
    assert!(
        line["message"]
            .as_str()
            .unwrap()
            .contains("gatelodge migrate")
    );
    let (_, log) = Program::start(&[]).stop();
    assert_eq!(warning(&log), None, "{log}");
}
