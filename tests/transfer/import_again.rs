//! A repeated import, or a second one: it continues, changes no user, and reports every refused one.

use std::io::Write as _;

use gatelodge::domain::{
    clock::Clock as _,
    entropy::OsEntropy,
    id::{UserPrefix, new_id},
};
use serde_json::{Value, json};

use crate::harness::{
    CommandOutput, PASSWORD, TestApp, test,
    transfer::{can_log_in, export, import_text, line, user},
};

/// Returns all users as export writes them, without their password hashes.
fn all_users(app: &TestApp) -> Vec<Value> {
    let mut users: Vec<Value> = export(app, "jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for row in &mut users {
        row.as_object_mut().unwrap().remove("password_hash");
    }
    users.sort_by_key(|row| row["username"].to_string());
    users
}

#[test]
fn a_repeated_import_adds_new_users_and_changes_no_others() {
    test(async |app| {
        let first: String = (0..3)
            .map(|number| {
                line(
                    &format!("id-{number}"),
                    &format!("user{number}"),
                    &json!({}),
                )
            })
            .collect();
        assert_eq!(import_text(app, "jsonl", &first, &[]).status, 0);
        assert!(can_log_in(app, "user0", PASSWORD).await);
        let before = all_users(app);

        // The name, the password and the roles have changed there, and a fourth user occurs twice.
        let second = line(
            "id-0",
            "renamed",
            &json!({ "roles": "editor", "disabled": true }),
        ) + &line("id-1", "user1", &json!({ "password_hash": "!" }))
            + &line("id-2", "user2", &json!({}))
            + &line("id-3", "user3", &json!({}))
            + &line("id-3", "user3 again", &json!({}))
            + &line("id-3", "user3", &json!({}));
        for (dry, summary) in [
            (
                "--dry-run",
                "1 would be imported (0 without a usable password), 4 were here already (1 under another name), 1 refused",
            ),
            (
                "--wrap",
                "1 imported (0 without a usable password), 4 were here already (1 under another name), 1 refused",
            ),
            (
                "--wrap",
                "0 imported (0 without a usable password), 5 were here already (1 under another name), 1 refused",
            ),
        ] {
            let ran = import_text(app, "jsonl", &second, &[dry]);
            assert!(ran.error.contains(summary), "{summary}: {}", ran.error);
            assert!(
                ran.error.contains(
                    r#"note: 1 "renamed": this id is here already, as user0: nothing was changed"#
                ),
                "{}",
                ran.error
            );
            assert_eq!(ran.status, 1);
        }
        let mut after = all_users(app);
        after.retain(|row| row["username"] != "user3");
        assert_eq!(after, before);
    });
}

#[test]
fn the_second_of_two_rows_with_one_id_and_different_names_is_refused() {
    test(async |app| {
        let own_id = new_id::<UserPrefix>(app.clock.now(), &OsEntropy)
            .unwrap()
            .to_string();
        // More than a batch lies between them, so the database has the first one by then.
        let between: String = (0..1500)
            .map(|number| line(&format!("{number}"), &format!("user{number}"), &json!({})))
            .collect();
        let file = line("twice", "ada", &json!({}))
            + &line("twice", "bob", &json!({}))
            + &line("", "dave", &json!({ "id": own_id }))
            + &between
            + &line("twice", "carol", &json!({}))
            + &line("twice", "ADA", &json!({}))
            + &line("", "erin", &json!({ "id": own_id }));
        for dry in [&["--dry-run"][..], &[]] {
            let ran = import_text(app, "jsonl", &file, dry);
            assert_eq!(ran.status, 1);
            for (position, name) in [(2, "bob"), (1504, "carol"), (1506, "erin")] {
                let refused = format!(
                    "refused: {position} {name:?}: an earlier row has the same external_id or id"
                );
                assert!(ran.error.contains(&refused), "{}", ran.error);
            }
            assert!(
                ran.error.contains("1 were here already, 3 refused"),
                "{}",
                ran.error
            );
        }
        assert!(can_log_in(app, "ada", PASSWORD).await);
        assert!(!can_log_in(app, "bob", PASSWORD).await);
        // Users of another system whose ids happen to be equal are reported.
        let errors = tempfile::NamedTempFile::new().unwrap();
        let path = errors.path().to_str().unwrap();
        let grace = line("7", "grace", &json!({}));
        let ran = import_text(app, "jsonl", &grace, &["--errors", path]);
        assert!(
            ran.error.contains(
                r#"note: 1 "grace": this id is here already, as user7: nothing was changed"#
            ),
            "{}",
            ran.error
        );
        assert_eq!(ran.status, 0);
        let passed: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(passed["username"], "grace");
    });
}

#[test]
fn wrapping_in_a_later_run_leaves_no_weak_hash_of_earlier_runs() {
    test(async |app| {
        // More than one transaction wraps.
        let file: String = (0..105)
            .map(|number| line(&format!("{number}"), &format!("user{number}"), &json!({})))
            .collect();
        assert_eq!(import_text(app, "jsonl", &file, &[]).status, 0);
        assert!(can_log_in(app, "user0", PASSWORD).await);
        let ran = import_text(app, "jsonl", "", &["--wrap", "--dry-run"]);
        assert!(
            ran.error
                .contains("104 hashes of earlier imports would be wrapped, too"),
            "{}",
            ran.error
        );
        let ran = import_text(app, "jsonl", &file, &["--wrap"]);
        assert_eq!(ran.status, 0);
        assert!(
            ran.error
                .contains("104 hashes of earlier imports wrapped, too"),
            "{}",
            ran.error
        );
        let hashes = app
            .database
            .db_column::<String>("SELECT password_hash FROM users")
            .await;
        let count = |start: &str| hashes.iter().filter(|hash| hash.starts_with(start)).count();
        assert_eq!((count("$argon2id$"), count("gatelodge-wrapped$")), (1, 104));
        let kinds = app
            .database
            .db_column::<String>("SELECT kind FROM foreign_hashes")
            .await;
        assert_eq!(kinds, ["wrapped-pbkdf2-sha256"; 104]);
        for number in [0, 1, 99, 100, 104] {
            assert!(can_log_in(app, &format!("user{number}"), PASSWORD).await);
        }
        // And no hash is left to wrap.
        let ran = import_text(app, "jsonl", "", &["--wrap"]);
        assert!(!ran.error.contains("wrapped"), "{}", ran.error);
    });
}

#[test]
fn the_longest_hash_fits_when_wrapped_with_the_longest_pepper_name() {
    test(async |app| {
        let hash = |salt: usize| {
            let (salt, digest) = ("s".repeat(salt), "A".repeat(43));
            format!("pbkdf2_sha256$1000${salt}${digest}=")
        };
        let mut file = tempfile::NamedTempFile::new().unwrap();
        for (name, length) in [("longest", 296), ("longer", 297)] {
            let hash = json!({ "password_hash": hash(length) });
            file.write_all(line(name, name, &hash).as_bytes()).unwrap();
        }
        let ran: CommandOutput = user(app, &["import", "--from", "jsonl", "--wrap"])
            .arg(file.path())
            .env(
                "GATELODGE_PEPPERS",
                format!("12345678:{}", "abcdefghijk".repeat(4)),
            )
            .output()
            .unwrap()
            .into();
        assert!(
            ran.error
                .contains(r#"refused: 2 "longer": the password hash is longer than 360 bytes"#),
            "{}",
            ran.error
        );
        let stored = "SELECT password_hash FROM users";
        let stored = app.database.db_column::<String>(stored).await;
        assert_eq!(stored.len(), 1);
        assert!(stored[0].starts_with("gatelodge-wrapped$"), "{}", stored[0]);
        assert!(!can_log_in(app, "longest", PASSWORD).await);
    });
}
