//! Secrets in files: read where a setting names one, and made for their owner alone.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::json;
use tempfile::TempDir;

use crate::harness::{Served, gatelodge};

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
    let served = Served::start_by(
        with_files,
        &[
            ("GATELODGE_SECRET_FILE", "secret"),
            ("GATELODGE_PEPPERS_FILE", "peppers"),
            ("DATABASE_URL_FILE", "url"),
        ],
    );
    let register = "mutation($input: RegisterInput!) { register(input: $input) { user { id } } }";
    let input = json!({ "username": "ada", "password": "correct horse", "confirmPassword": "correct horse" });
    let (_, reply) = served.ask(None, register, json!({ "input": input })).await;
    assert!(
        reply["data"]["register"]["user"]["id"].is_string(),
        "{reply:#}"
    );
    let file = |name: &str| served.directory.path().join(name);
    // SQLite writes into the log beside the file first.
    let written = ["elsewhere.db", "elsewhere.db-wal"].map(|name| fs::read(file(name)).unwrap());
    // "2026" in base64.
    let keyed = b"keyid=MjAyNg";
    let keyed = |bytes: &Vec<u8>| bytes.windows(keyed.len()).any(|window| window == keyed);
    assert!(written.iter().any(keyed), "the pepper was not read");
    assert!(
        !file("elsewhere.secret").exists() && !file("gatelodge.secret").exists(),
        "a secret was made although there is one"
    );
    let (status, log) = served.stop();
    assert_eq!(status, Some(0), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
}

#[test]
fn a_secret_that_the_gateway_makes_is_for_its_owner_alone() {
    let served = Served::start(&[]);
    let path = served.directory.path().join("gatelodge.secret");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(fs::read(&path).unwrap().len() >= 32);
}
