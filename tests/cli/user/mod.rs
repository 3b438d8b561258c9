//! `gatelodge user …`: users on the command line, beside a running gateway.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use chrono::TimeDelta;

use crate::harness::{CommandOutput, SECRET, TestApp, TestDatabase};

mod add;
mod disable_and_delete;
mod events;
mod find;
mod sessions;
mod unlock;

/// After this time a change of another process is visible on every node.
const VISIBILITY_DELAY: TimeDelta = TimeDelta::seconds(1);

/// Runs `gatelodge user` as an operator does, in an empty folder.
fn user_with(environment: &[(&str, &str)], arguments: &[&str], input: &str) -> CommandOutput {
    let directory = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_gatelodge"))
        .current_dir(directory.path())
        .env_clear()
        .envs(environment.iter().copied())
        .arg("user")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads no input may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let files = std::fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(files, 0, "it left a file");
    output.into()
}

/// Runs `gatelodge user` on a database, with the secret of tests.
fn user(database: &TestDatabase, arguments: &[&str], input: &str) -> CommandOutput {
    let environment = [
        ("DATABASE_URL", database.url.as_str()),
        ("GATELODGE_SECRET", SECRET),
    ];
    user_with(&environment, arguments, input)
}

/// Returns the kinds of the events that the command line wrote: without an actor and an address.
async fn operator_events(app: &TestApp) -> Vec<String> {
    let sql = "SELECT kind FROM security_events
        WHERE actor_id IS NULL AND client_address IS NULL AND user_agent IS NULL ORDER BY id";
    app.database.db_column(sql).await
}
