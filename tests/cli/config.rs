//! `gatelodge config`: what holds, where it comes from, and no secret.

use std::{collections::BTreeSet, fs};

use gatelodge::cli;
use serde_json::{Value, json};

use crate::harness::{CommandOutput, gatelodge};

/// Runs the program in a folder with these files.
pub fn run(
    files: &[(&str, &str)],
    environment: &[(&str, &str)],
    arguments: &[&str],
) -> CommandOutput {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    let mut command = gatelodge(&directory);
    command
        .env_remove("GATELODGE_ADMIN_LISTEN")
        .envs(environment.iter().copied())
        .args(arguments);
    let output = command.output().unwrap().into();
    let left = fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(left, files.len(), "the command left a file");
    output
}

/// Returns the value and the source of each setting.
fn all(environment: &[(&str, &str)]) -> Vec<Value> {
    let output = run(&[], environment, &["config", "--json"]);
    assert_eq!(output.status, 0, "{}", output.error);
    serde_json::from_str(&output.out).unwrap()
}

/// Returns the value of a setting.
pub fn value<'a>(all: &'a [Value], key: &str) -> &'a Value {
    let one = all.iter().find(|one| one["key"] == key);
    &one.unwrap_or_else(|| panic!("no {key}"))["value"]
}

#[test]
fn defaults_that_depend_on_other_settings_are_shown_as_they_hold() {
    let local = all(&[("GATELODGE_LISTEN", "127.0.0.1:9000")]);
    let deployed = all(&[
        ("GATELODGE_PUBLIC_URL", "https://auth.example.com"),
        ("GATELODGE_SECRET", "a secret of thirty-two bytes or more"),
        ("GATELODGE_SESSION_LIFETIME", "8h"),
        ("GATELODGE_MAX_CONNECTIONS", "100"),
        ("DATABASE_URL", "postgres://h/d"),
    ]);
    let vite = json!(["http://localhost:5173", "http://127.0.0.1:5173"]);
    for (key, of_local, of_deployed) in [
        (
            "public-url",
            json!("http://localhost:9000"),
            json!("https://auth.example.com"),
        ),
        ("allowed-origins", vite, json!([])),
        ("graphiql", json!(true), json!(false)),
        ("introspection", json!(true), json!(false)),
        ("session-idle", json!("7d"), json!("8h")),
        ("session-idle-short", json!("12h"), json!("8h")),
        ("max-connections-per-source", json!(5000), json!(50)),
        ("log-format", json!("json"), json!("json")),
        ("database-listen-url", Value::Null, json!("postgres://h/d")),
        ("login-url", Value::Null, Value::Null),
        ("trusted-proxies", json!([]), json!([])),
    ] {
        assert_eq!(*value(&local, key), of_local, "{key}");
        assert_eq!(*value(&deployed, key), of_deployed, "{key}");
    }
    assert!(
        value(&local, "hash-workers")
            .as_u64()
            .is_some_and(|workers| workers > 0)
    );
}

#[test]
fn the_table_and_the_json_have_each_setting_of_the_help_once() {
    let help = run(&[], &[], &["--help"]).out;
    let json = all(&[]);
    let table = run(&[], &[], &["config"]).out;
    let keys: BTreeSet<_> = json
        .iter()
        .map(|one| one["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys.len(), json.len());
    for flag in help
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--"))
    {
        let key = flag.split([' ', '[']).next().unwrap();
        if ["config", "help", "version"].contains(&key) {
            continue;
        }
        assert!(keys.contains(key), "{key}");
        let lines = table
            .lines()
            .filter(|line| line.split_whitespace().next() == Some(key));
        assert_eq!(lines.count(), 1, "{key}: {table}");
    }
    assert!(keys.len() > 60, "{keys:?}");
}

#[test]
fn check_accepts_what_the_server_accepts_and_refuses_what_it_refuses() {
    let output = run(&[], &[], &["config", "--check"]);
    assert_eq!((output.status, output.out.trim()), (0, "ok"));
    // Neither the database nor a port is used.
    let elsewhere = [
        ("DATABASE_URL", "postgres://127.0.0.1:1/none"),
        ("GATELODGE_LISTEN", "192.0.2.1:80"),
    ];
    assert_eq!(run(&[], &elsewhere, &["config", "--check"]).status, 0);
    for (name, value) in [
        ("GATELODGE_LISTEN", "nowhere"),
        ("GATELODGE_PUBLIC_URL", "http://auth.example.com"),
        ("GATELODGE_SECRET_FILE", "missing"),
        ("GATELODGE_TRUSTED_DOCUMENTS", "missing"),
        ("GATELODGE_BREACHED_PASSWORDS", "not-sorted"),
        ("RUST_LOG", "loud"),
    ] {
        let files = [("not-sorted", "these are no hashes\n")];
        for arguments in [&["config", "--check"][..], &[]] {
            let output = run(
                &files,
                &[(name, value), ("DATABASE_URL", "sqlite:///dev/null/x")],
                arguments,
            );
            if arguments.is_empty() && output.status == 1 {
                // The server opens the database before these files.
                assert!(
                    [
                        "GATELODGE_TRUSTED_DOCUMENTS",
                        "GATELODGE_BREACHED_PASSWORDS"
                    ]
                    .contains(&name),
                    "{name}: {}",
                    output.error
                );
                continue;
            }
            assert_eq!(output.status, 2, "{name} {arguments:?}: {}", output.error);
            assert!(
                output.out.is_empty() && output.error.contains(name),
                "{}",
                output.error
            );
        }
    }
}

#[test]
fn the_page_of_settings_is_what_the_program_prints() {
    let committed = include_str!("../../docs/settings.md");
    assert!(
        committed == cli::settings_page(),
        "docs/settings.md is not what the program prints. If the change is meant, renew it:\n\n    \
         cargo run -- config --reference > docs/settings.md\n"
    );
}

#[test]
fn the_example_on_the_page_of_settings_is_accepted() {
    let page = include_str!("../../docs/settings.md");
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let files = [
        ("secret", "a secret of thirty-two bytes or more\n"),
        ("url", "sqlite://gatelodge.db?mode=rwc\n"),
    ];
    let example = example
        .replace("/run/secrets/gatelodge-database", "url")
        .replace("/run/secrets/gatelodge", "secret");
    let files = [files[0], files[1], ("gatelodge.toml", &example)];
    let output = run(
        &files,
        &[],
        &["config", "--check", "--config", "gatelodge.toml"],
    );
    assert_eq!((output.status, output.error.as_str()), (0, ""));
}
