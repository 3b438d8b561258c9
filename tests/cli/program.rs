//! The program as it is started: settings, exit statuses, what lasts.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Command, Stdio},
};

use migration::{Migrator, MigratorTrait};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Served, gatelodge};

fn refused(settings: &[(&str, &str)], arguments: &[&str], mend: &[&str]) {
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
    for word in mend {
        assert!(
            error.contains(word),
            "{settings:?} {arguments:?} should say {word}: {error}"
        );
    }
    assert_eq!(
        std::fs::read_dir(directory.path()).unwrap().count(),
        0,
        "nothing was made"
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_wrong_setting_is_refused_at_start_with_its_name_and_the_mend() {
    for (name, value, mend) in [
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
            "GATELODGE_SESSION_LIFETIME",
        ),
        (
            "GATELODGE_SESSION_IDLE_SHORT",
            "31d",
            "GATELODGE_SESSION_LIFETIME",
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
            "a pepper has fewer than 8 different bytes",
        ),
        (
            "GATELODGE_PEPPERS_FILE",
            "missing",
            "GATELODGE_PEPPERS_FILE",
        ),
        ("DATABASE_URL_FILE", "missing", "DATABASE_URL_FILE"),
        ("GATELODGE_LIMIT_DEPTH", "deep", "GATELODGE_LIMIT_DEPTH"),
    ] {
        refused(&[(name, value)], &[], &[mend]);
    }
    refused(&[], &["--unknown-flag"], &["--unknown-flag"]);
    refused(&[], &["unknown-command"], &["unknown-command"]);
    refused(&[], &["migrate", "sideways"], &["up", "down", "status"]);
    refused(&[("DATABASE_URL", "postgres://u:hunter2@")], &[], &[]);
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
        let said = [output.stdout, output.stderr].concat();
        assert_ne!(output.status.code(), Some(0));
        let said = String::from_utf8(said).unwrap();
        // Clap names the wrong value of an argument; a database's must not be among them.
        assert!(!said.contains("hunter2"), "{said}");
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
fn help_is_the_reference_of_every_setting_of_the_contract() {
    let directory = tempfile::tempdir().unwrap();
    let output = gatelodge(&directory).arg("--help").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let help = String::from_utf8(output.stdout).unwrap();
    for name in [
        "DATABASE_URL",
        "GATELODGE_LISTEN",
        "GATELODGE_ADMIN_LISTEN",
        "GATELODGE_PUBLIC_URL",
        "GATELODGE_ALLOWED_ORIGINS",
        "GATELODGE_COOKIE_SAMESITE",
        "GATELODGE_SESSION_IDLE",
        "GATELODGE_SESSION_LIFETIME",
        "GATELODGE_GRAPHIQL",
        "GATELODGE_INTROSPECTION",
        "GATELODGE_REGISTRATION",
        "RUST_LOG",
        "GATELODGE_LOG_FORMAT",
        "GATELODGE_ALLOW_INSECURE_PUBLIC_URL",
    ] {
        assert!(help.contains(&format!("[env: {name}")), "{name}");
    }
    for command in ["serve", "migrate", "user", "schema", "healthcheck"] {
        assert!(help.contains(&format!("  {command} ")), "{command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kill_9() {
    let mut served = Served::start(&[]);
    let register = "mutation($input: RegisterInput!) { register(input: $input) { user { id } } }";
    let mut cookies = vec![];
    for number in 0..20 {
        let input = json!({ "username": format!("p{number}"), "password": "correct horse", "confirmPassword": "correct horse" });
        cookies.push(
            served
                .ask(None, register, json!({ "input": input }))
                .await
                .0
                .unwrap(),
        );
    }
    served.child.kill().unwrap();
    served.child.wait().unwrap();
    let port = served.url.rsplit(':').next().unwrap().to_owned();
    served.child = gatelodge(&served.directory)
        .env("GATELODGE_LISTEN", format!("127.0.0.1:{port}"))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(served.child.stderr.take().unwrap());
    let mut kept = String::new();
    while !kept.contains("\"ready\"") {
        assert_ne!(log.read_line(&mut kept).unwrap(), 0, "it ended: {kept}");
    }
    for (number, cookie) in cookies.iter().enumerate() {
        let (_, me) = served
            .ask(Some(cookie), "{ me { username } }", json!({}))
            .await;
        assert_eq!(me["data"]["me"]["username"], format!("p{number}"));
    }
}

#[test]
fn the_sqlite_file_is_made_at_first_start_for_its_owner_alone_with_a_write_ahead_log() {
    use std::os::unix::fs::PermissionsExt;
    let served = Served::start(&[]);
    for name in ["gatelodge.db", "gatelodge.db-wal", "gatelodge.db-shm"] {
        let mode = std::fs::metadata(served.directory.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn healthcheck_tells_ready_from_not() {
    let served = Served::start(&[]);
    let port = served.url.rsplit(':').next().unwrap().to_owned();
    let check = |listen: String| {
        gatelodge(&served.directory)
            .arg("healthcheck")
            .env("GATELODGE_LISTEN", listen)
            .output()
            .unwrap()
            .status
            .code()
    };
    assert_eq!(check(format!("127.0.0.1:{port}")), Some(0));
    assert_eq!(check(format!("0.0.0.0:{port}")), Some(0));
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    assert_eq!(check(format!("127.0.0.1:{free}")), Some(1));

    let bare = Served::start(&[("GATELODGE_NO_MIGRATE", "true")]);
    let port = bare.url.rsplit(':').next().unwrap().to_owned();
    assert_eq!(check(format!("127.0.0.1:{port}")), Some(1));
}

#[test]
fn migrate_shows_and_changes_how_things_stand() {
    let directory = tempfile::tempdir().unwrap();
    let migrate = |arguments: &[&str]| {
        let output = gatelodge(&directory)
            .arg("migrate")
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let all = Migrator::migrations().len();
    assert_eq!(migrate(&["status"]).matches("pending ").count(), all);
    assert_eq!(migrate(&["up"]).matches("applied ").count(), all);
    assert_eq!(
        migrate(&["down", "--steps", "2"])
            .matches("pending ")
            .count(),
        2
    );
    assert_eq!(migrate(&[]).matches("applied ").count(), all);
}

#[test]
fn a_port_in_use_is_said_and_is_no_wrong_setting() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let output = gatelodge(&directory)
        .env("GATELODGE_LISTEN", taken.local_addr().unwrap().to_string())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("cannot listen on")
    );
}

/// The program where no file may grow over 256 KiB: a disk that is full, without a disk.
fn on_a_full_disk(directory: &TempDir) -> Command {
    let mut command = Command::new("sh");
    let script = format!(
        "trap '' XFSZ; exec prlimit --fsize=262144:unlimited {}",
        env!("CARGO_BIN_EXE_gatelodge")
    );
    command
        .args(["-c", &script])
        .current_dir(directory.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("GATELODGE_ADMIN_LISTEN", "off")
        .env("GATELODGE_THROTTLE_REGISTER", "100000/1h");
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_full_disk_what_is_acknowledged_is_kept_again() {
    let served = Served::start_by(on_a_full_disk, &[]);
    let register = "mutation($input: RegisterInput!) { register(input: $input) { user { id } userErrors { code } } }";
    let input = |name: &str| json!({ "input": { "username": name, "password": "correct horse", "confirmPassword": "correct horse" } });
    let mut people = 0;
    loop {
        let (_, reply) = served
            .ask(None, register, input(&format!("p{people}")))
            .await;
        if reply["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE" {
            break;
        }
        assert!(
            reply["data"]["register"]["user"]["id"].is_string(),
            "{reply:#}"
        );
        people += 1;
        assert!(people < 2000, "the disk never filled");
    }
    let pid = served.child.id().to_string();
    let grown = Command::new("prlimit")
        .args(["--pid", &pid, "--fsize=unlimited:unlimited"])
        .status()
        .unwrap();
    assert!(grown.success());
    let (_, taken) = served.ask(None, register, input("p0")).await;
    assert_eq!(
        taken["data"]["register"]["userErrors"][0]["code"], "USERNAME_TAKEN",
        "{taken:#}"
    );
    let (late, reply) = served.ask(None, register, input("late")).await;
    assert!(
        reply["data"]["register"]["user"]["id"].is_string(),
        "{reply:#}"
    );
    let (_, me) = served
        .ask(late.as_deref(), "{ me { username } }", json!({}))
        .await;
    assert_eq!(me["data"]["me"]["username"], "late");
    served
        .ask(
            late.as_deref(),
            "mutation { logout { loggedOut } }",
            json!({}),
        )
        .await;
    let (_, me) = served
        .ask(late.as_deref(), "{ me { username } }", json!({}))
        .await;
    assert_eq!(me["data"]["me"], Value::Null);
}

#[test]
fn a_secret_file_that_was_cut_short_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("gatelodge.secret"), "").unwrap();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let output = gatelodge(&directory)
        .env("GATELODGE_LISTEN", format!("127.0.0.1:{port}"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("delete it")
    );
}
