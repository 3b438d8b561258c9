//! People who move in: `gatelodge user import` and `user export` on a test's database, and the fixtures.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

use super::{TestApp, codes};

/// The fixtures, which the programs of tests/moving-in wrote.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/moving-in")
        .join(name)
}

/// `gatelodge user …` on the database of a test.
pub fn user(app: &TestApp, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatelodge"));
    command
        .env_clear()
        .env("DATABASE_URL", &app.database.url)
        .arg("user")
        .args(arguments);
    command
}

/// What a run came to: its status, its standard output and its standard error.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub error: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            error: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

pub fn import(app: &TestApp, from: &str, file: &Path, more: &[&str]) -> Ran {
    user(app, &["import", "--from", from])
        .args(more)
        .arg(file)
        .output()
        .unwrap()
        .into()
}

/// Imports what is written to standard input: text, or bytes that are none.
pub fn import_text(
    app: &TestApp,
    from: &str,
    text: &(impl AsRef<[u8]> + ?Sized),
    more: &[&str],
) -> Ran {
    let mut child = user(app, &["import", "--from", from])
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = text.as_ref().to_owned();
    let writer = std::thread::spawn(move || {
        // A reader that wants no more closes its end.
        let _ = stdin.write_all(&text);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output.into()
}

pub fn export(app: &TestApp, format: &str) -> String {
    let ran: Ran = user(app, &["export", "--format", format])
        .output()
        .unwrap()
        .into();
    assert_eq!(ran.status, 0, "{}", ran.error);
    ran.out
}

/// A line of JSON lines for somebody with a cheap hash of `correct horse`.
pub fn line(external_id: &str, username: &str, more: &Value) -> String {
    let mut row =
        json!({ "external_id": external_id, "username": username, "password_hash": CHEAP });
    row.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    format!("{row}\n")
}

/// Django's PBKDF2 of `correct horse`, of a thousand rounds.
pub const CHEAP: &str = "pbkdf2_sha256$1000$salty$DzvaoPDWHNlO+0p5E04mScIUiNVjJ8YpgYitYTNqHo8=";

pub async fn may_log_in(app: &TestApp, username: &str, password: &str) -> bool {
    let payload = app.browser().login(username, password).await;
    match codes(&payload)[..] {
        [] => true,
        ["INVALID_CREDENTIALS"] => false,
        _ => panic!("{payload:#}"),
    }
}

pub async fn column(app: &TestApp, column: &str, username: &str) -> String {
    let sql = format!("SELECT {column} FROM users WHERE username = '{username}'");
    app.database.db_column::<String>(&sql).await.remove(0)
}
