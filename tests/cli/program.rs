//! The program at its start: settings, exit statuses and stored files.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Command, Stdio},
};

use migration::{Migrator, MigratorTrait};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{PASSWORD, Program, free_port, gatelodge};

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
    for command in [
        "serve",
        "migrate",
        "user",
        "config",
        "doctor",
        "schema",
        "healthcheck",
    ] {
        assert!(help.contains(&format!("  {command} ")), "{command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_changes_survive_kill_9() {
    let mut program = Program::start(&[]);
    let register = "mutation($input: RegisterInput!) { register(input: $input) { user { id } } }";
    let mut cookies = vec![];
    for number in 0..20 {
        let input = json!({ "username": format!("p{number}"), "password": PASSWORD, "confirmPassword": PASSWORD });
        cookies.push(
            program
                .ask(None, register, json!({ "input": input }))
                .await
                .0
                .unwrap(),
        );
    }
    program.child.kill().unwrap();
    program.child.wait().unwrap();
    let port = program.url.rsplit(':').next().unwrap().to_owned();
    program.child = gatelodge(&program.directory)
        .env("GATELODGE_LISTEN", format!("127.0.0.1:{port}"))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(program.child.stderr.take().unwrap());
    let mut kept = String::new();
    while !kept.contains("\"ready\"") {
        assert_ne!(log.read_line(&mut kept).unwrap(), 0, "it ended: {kept}");
    }
    for (number, cookie) in cookies.iter().enumerate() {
        let (_, me) = program
            .ask(Some(cookie), "{ me { username } }", json!({}))
            .await;
        assert_eq!(me["data"]["me"]["username"], format!("p{number}"));
    }
}

#[test]
fn the_sqlite_file_is_created_for_its_owner_alone_with_a_write_ahead_log() {
    use std::os::unix::fs::PermissionsExt;
    let program = Program::start(&[]);
    for name in ["gatelodge.db", "gatelodge.db-wal", "gatelodge.db-shm"] {
        let mode = std::fs::metadata(program.directory.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn healthcheck_reports_whether_the_node_is_ready() {
    let program = Program::start(&[]);
    let port = program.url.rsplit(':').next().unwrap().to_owned();
    let check = |listen: String| {
        gatelodge(&program.directory)
            .arg("healthcheck")
            .env("GATELODGE_LISTEN", listen)
            .output()
            .unwrap()
            .status
            .code()
    };
    assert_eq!(check(format!("127.0.0.1:{port}")), Some(0));
    assert_eq!(check(format!("0.0.0.0:{port}")), Some(0));
    let free = free_port();
    assert_eq!(check(format!("127.0.0.1:{free}")), Some(1));

    let bare = Program::start(&[("GATELODGE_NO_MIGRATE", "true")]);
    let port = bare.url.rsplit(':').next().unwrap().to_owned();
    assert_eq!(check(format!("127.0.0.1:{port}")), Some(1));
}

#[test]
fn migrate_shows_and_changes_the_migrations_applied() {
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
fn a_port_in_use_is_reported_and_is_not_a_wrong_setting() {
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

/// Starts the program with a file size limit of 256 KiB, which acts like a full disk.
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
async fn after_a_full_disk_acknowledged_changes_are_stored_again() {
    let program = Program::start_command(on_a_full_disk, &[]);
    let register = "mutation($input: RegisterInput!) { register(input: $input) { user { id } userErrors { code } } }";
    let input = |name: &str| json!({ "input": { "username": name, "password": PASSWORD, "confirmPassword": PASSWORD } });
    let mut count = 0;
    loop {
        let (_, reply) = program
            .ask(None, register, input(&format!("p{count}")))
            .await;
        if reply["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE" {
            break;
        }
        assert!(
            reply["data"]["register"]["user"]["id"].is_string(),
            "{reply:#}"
        );
        count += 1;
        assert!(count < 2000, "the disk never filled");
    }
    let pid = program.child.id().to_string();
    let grown = Command::new("prlimit")
        .args(["--pid", &pid, "--fsize=unlimited:unlimited"])
        .status()
        .unwrap();
    assert!(grown.success());
    let (_, taken) = program.ask(None, register, input("p0")).await;
    assert_eq!(
        taken["data"]["register"]["userErrors"][0]["code"], "USERNAME_TAKEN",
        "{taken:#}"
    );
    let (late, reply) = program.ask(None, register, input("late")).await;
    assert!(
        reply["data"]["register"]["user"]["id"].is_string(),
        "{reply:#}"
    );
    let (_, me) = program
        .ask(late.as_deref(), "{ me { username } }", json!({}))
        .await;
    assert_eq!(me["data"]["me"]["username"], "late");
    program
        .ask(
            late.as_deref(),
            "mutation { logout { loggedOut } }",
            json!({}),
        )
        .await;
    let (_, me) = program
        .ask(late.as_deref(), "{ me { username } }", json!({}))
        .await;
    assert_eq!(me["data"]["me"], Value::Null);
}
