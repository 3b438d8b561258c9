//! Secrets in files: read when a setting names one, and created for their owner alone.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::json;
use tempfile::TempDir;

use crate::harness::{PASSWORD, Program, free_port, gatelodge};

const SECRET: &str = "hunter2-secret-of-32-bytes-or-more";
const PEPPERS: &str = "2026:hunter2-pepper-of-32-bytes-or-more";

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_read_from_files_and_none_is_logged() {
    let with_files = |directory: &TempDir| {
        for (name, content) in [
            ("secret", SECRET),
            ("peppers", PEPPERS),
            ("url", "sqlite://elsewhere.db?mode=rwc"),
        ] {
            fs::write(directory.path().join(name), format!("{content}\n")).unwrap();
        }
        gatelodge(directory)
    };
    let program = Program::start_command(
        with_files,
        &[
            ("GATELODGE_SECRET_FILE", "secret"),
            ("GATELODGE_PEPPERS_FILE", "peppers"),
            ("DATABASE_URL_FILE", "url"),
        ],
    );
    let register = "mutation($input: RegisterInput!) { register(input: $input) { user { id } } }";
    let input = json!({ "username": "ada", "password": PASSWORD, "confirmPassword": PASSWORD });
    let (_, reply) = program.ask(None, register, json!({ "input": input })).await;
    assert!(
        reply["data"]["register"]["user"]["id"].is_string(),
        "{reply:#}"
    );
    let file = |name: &str| program.directory.path().join(name);
    // SQLite first writes into the log file beside the database.
    let written = ["elsewhere.db", "elsewhere.db-wal"].map(|name| fs::read(file(name)).unwrap());
    // "2026" in base64.
    let keyed = b"keyid=MjAyNg";
    let keyed = |bytes: &Vec<u8>| bytes.windows(keyed.len()).any(|window| window == keyed);
    assert!(written.iter().any(keyed), "the pepper was not read");
    assert!(
        !file("elsewhere.secret").exists() && !file("gatelodge.secret").exists(),
        "a secret was generated although one exists"
    );
    let (status, log) = program.stop();
    assert_eq!(status, Some(0), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
}

#[test]
fn a_generated_secret_file_is_readable_by_its_owner_alone() {
    let program = Program::start(&[]);
    let path = program.directory.path().join("gatelodge.secret");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(fs::read(&path).unwrap().len() >= 32);
}

#[test]
fn a_secret_file_without_an_end_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let output = gatelodge(&directory)
        .env("GATELODGE_SECRET_FILE", "/dev/zero")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("more than 65536 bytes"), "{error}");
}

#[test]
fn a_truncated_secret_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("gatelodge.secret"), "").unwrap();
    let port = free_port();
    let output = gatelodge(&directory)
        .env("GATELODGE_LISTEN", format!("127.0.0.1:{port}"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("Delete it")
    );
}
