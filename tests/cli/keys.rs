//! `gatelodge keys`: lists and rotates the signing keys of a gateway that may be running.

use std::process::Command;

use serde_json::Value;

use crate::harness::{CommandOutput, SECRET, TestApp, test};

fn keys(app: &TestApp, arguments: &[&str]) -> CommandOutput {
    Command::new(env!("CARGO_BIN_EXE_gatelodge"))
        .env_clear()
        .env("DATABASE_URL", &app.database.url)
        .env("GATELODGE_SECRET", SECRET)
        .arg("keys")
        .args(arguments)
        .output()
        .unwrap()
        .into()
}

fn states(app: &TestApp) -> Vec<Value> {
    let listed = keys(app, &["list", "--json"]).lines();
    listed.iter().map(|key| key["state"].clone()).collect()
}

#[test]
fn keys_are_listed_and_rotated() {
    test(async |app| {
        let first = keys(app, &["list", "--json"]).line();
        assert_eq!(first["state"], "signs");
        assert_eq!(first["algorithm"], "ES256");
        assert_eq!(first["encryptedWith"], "secret");
        let kid = first["kid"].as_str().unwrap();
        let table = keys(app, &["list"]).out;
        assert!(table.contains(kid) && table.contains("signs"), "{table}");

        let rotated = keys(app, &["rotate"]);
        assert_eq!(rotated.status, 0, "{rotated:?}");
        assert_eq!(states(app), ["signs", "waits"]);
        // A second rotation changes nothing.
        assert_eq!(keys(app, &["rotate"]).out, rotated.out);
        assert_eq!(states(app), ["signs", "waits"]);

        let replaced = keys(app, &["rotate", "--now"]);
        assert_eq!(replaced.status, 0, "{replaced:?}");
        let only = keys(app, &["list", "--json"]).line();
        assert_eq!(only["state"], "signs");
        assert_ne!(only["kid"], kid);
        assert!(replaced.out.contains(only["kid"].as_str().unwrap()));
    });
}

#[test]
fn a_rotated_key_is_used_by_the_running_gateway() {
    test(async |app| {
        keys(app, &["rotate", "--now"]);
        app.issuer.keys().refresh().await.unwrap();
        let kid = keys(app, &["list", "--json"]).line()["kid"].clone();
        assert_eq!(app.issuer.keys().signer().unwrap().kid(), kid);
    });
}

#[test]
fn a_rotation_needs_the_secret_of_the_gateway() {
    test(async |app| {
        if app.database.is_sqlite() {
            let without = Command::new(env!("CARGO_BIN_EXE_gatelodge"))
                .env_clear()
                .env("DATABASE_URL", &app.database.url)
                .args(["keys", "rotate"])
                .output()
                .unwrap();
            let without = CommandOutput::from(without);
            assert_eq!(without.status, 2, "{without:?}");
            assert!(without.error.contains("GATELODGE_SECRET"), "{without:?}");
            assert_eq!(app.database.db_count("signing_keys").await, 1);
        }
    });
}
