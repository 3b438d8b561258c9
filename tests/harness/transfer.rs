//! Imports and exports of users: `gatelodge user import` and `user export` on a test's database, and the fixtures.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use super::{CommandOutput, TestApp, codes};

/// Returns the path of a fixture. The programs in tests/moving-in wrote them.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/moving-in")
        .join(name)
}

/// Returns the command `gatelodge user …` for a test's database.
pub fn user(app: &TestApp, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatelodge"));
    command
        .env_clear()
        .env("DATABASE_URL", &app.database.url)
        .arg("user")
        .args(arguments);
    command
}

/// Imports a file.
pub fn import(app: &TestApp, from: &str, file: &Path, more: &[&str]) -> CommandOutput {
    user(app, &["import", "--from", from])
        .args(more)
        .arg(file)
        .output()
        .unwrap()
        .into()
}

/// Imports standard input, as text or as bytes that are not valid text.
pub fn import_text(
    app: &TestApp,
    from: &str,
    text: &(impl AsRef<[u8]> + ?Sized),
    more: &[&str],
) -> CommandOutput {
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
        // The command may close its input early.
        let _ = stdin.write_all(&text);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output.into()
}

/// Exports all users.
pub fn export(app: &TestApp, format: &str) -> String {
    let ran: CommandOutput = user(app, &["export", "--format", format])
        .output()
        .unwrap()
        .into();
    assert_eq!(ran.status, 0, "{}", ran.error);
    ran.out
}

/// Returns a line of JSON lines for a user whose hash of `correct horse` is cheap.
pub fn line(external_id: &str, username: &str, more: &Value) -> String {
    let mut row =
        json!({ "external_id": external_id, "username": username, "password_hash": CHEAP_HASH });
    row.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    format!("{row}\n")
}

/// Django's PBKDF2 of `correct horse`, with a thousand iterations.
pub const CHEAP_HASH: &str =
    "pbkdf2_sha256$1000$salty$DzvaoPDWHNlO+0p5E04mScIUiNVjJ8YpgYitYTNqHo8=";

/// Returns whether a user can log in with a password.
pub async fn can_log_in(app: &TestApp, username: &str, password: &str) -> bool {
    let payload = app.browser().login(username, password).await;
    match codes(&payload)[..] {
        [] => true,
        ["INVALID_CREDENTIALS"] => false,
        _ => panic!("{payload:#}"),
    }
}

/// Returns a column of the row of a user.
pub async fn column(app: &TestApp, column: &str, username: &str) -> String {
    let sql = format!("SELECT {column} FROM users WHERE username = '{username}'");
    app.database.db_column::<String>(&sql).await.remove(0)
}
