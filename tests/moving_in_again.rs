//! An import that is run again, or after another: it goes on, changes nobody, and loses nobody unsaid.

use serde_json::{Value, json};

use crate::harness::{
    TestApp,
    moving_in::{export, import_text, line, may_log_in},
    test,
};

/// Everybody as export writes them, less their password hashes.
fn everybody(app: &TestApp) -> Vec<Value> {
    let mut people: Vec<Value> = export(app, "jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for person in &mut people {
        person.as_object_mut().unwrap().remove("password_hash");
    }
    people.sort_by_key(|person| person["username"].to_string());
    people
}

#[test]
fn run_again_an_import_adds_who_is_new_and_changes_nobody() {
    test(async |app| {
        let first: String = (0..3)
            .map(|number| {
                line(
                    &format!("id-{number}"),
                    &format!("person{number}"),
                    &json!({}),
                )
            })
            .collect();
        assert_eq!(import_text(app, "jsonl", &first, &[]).status, 0);
        assert!(may_log_in(app, "person0", "correct horse").await);
        let before = everybody(app);

        // The name, the password and the roles have changed there; a fourth has come, twice.
        let second = line(
            "id-0",
            "renamed",
            &json!({ "roles": "editor", "disabled": true }),
        ) + &line("id-1", "person1", &json!({ "password_hash": "!" }))
            + &line("id-2", "person2", &json!({}))
            + &line("id-3", "person3", &json!({}))
            + &line("id-3", "person3 again", &json!({}))
            + &line("id-3", "person3", &json!({}));
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
                ran.error
                    .contains(r#"note: 1 "renamed": this id is here already, as \"person0\""#),
                "{}",
                ran.error
            );
            assert_eq!(ran.status, 1);
        }
        let mut after = everybody(app);
        after.retain(|person| person["username"] != "person3");
        assert_eq!(after, before);
    });
}

#[test]
fn of_two_rows_with_one_id_and_different_names_the_second_is_refused() {
    test(async |app| {
        // More than a batch lies between them: the database has the first by then.
        let between: String = (0..1500)
            .map(|number| line(&format!("{number}"), &format!("person{number}"), &json!({})))
            .collect();
        let file = line("twice", "ada", &json!({}))
            + &line("twice", "bob", &json!({}))
            + &between
            + &line("twice", "carol", &json!({}))
            + &line("twice", "ADA", &json!({}));
        for dry in [&["--dry-run"][..], &[]] {
            let ran = import_text(app, "jsonl", &file, dry);
            assert_eq!(ran.status, 1);
            for (position, name) in [(2, "bob"), (1503, "carol")] {
                let refused = format!(
                    "refused: {position} {name:?}: an earlier row has the same external_id"
                );
                assert!(ran.error.contains(&refused), "{}", ran.error);
            }
            assert!(
                ran.error.contains("1 were here already, 2 refused"),
                "{}",
                ran.error
            );
        }
        assert!(may_log_in(app, "ada", "correct horse").await);
        assert!(!may_log_in(app, "bob", "correct horse").await);
        // Another system's people, whose ids happen to be the same, are not lost unsaid.
        let ran = import_text(app, "jsonl", &line("7", "grace", &json!({})), &[]);
        assert!(
            ran.error.contains(
                r#"note: 1 "grace": this id is here already, as \"person7\": nothing was changed"#
            ),
            "{}",
            ran.error
        );
        assert_eq!(ran.status, 0);
    });
}

#[test]
fn wrapping_in_a_later_run_leaves_no_weak_hash_of_the_runs_before() {
    test(async |app| {
        let file: String = (0..5)
            .map(|number| line(&format!("{number}"), &format!("person{number}"), &json!({})))
            .collect();
        assert_eq!(import_text(app, "jsonl", &file, &[]).status, 0);
        assert!(may_log_in(app, "person0", "correct horse").await);
        let ran = import_text(app, "jsonl", &file, &["--wrap"]);
        assert_eq!(ran.status, 0);
        assert!(
            ran.error.contains("4 hashes of earlier imports wrapped"),
            "{}",
            ran.error
        );
        let hashes = app
            .database
            .db_column::<String>("SELECT password_hash FROM users")
            .await;
        let count = |start: &str| hashes.iter().filter(|hash| hash.starts_with(start)).count();
        assert_eq!((count("$argon2id$"), count("gatelodge-wrapped$")), (1, 4));
        let kinds = app
            .database
            .db_column::<String>("SELECT kind FROM foreign_hashes")
            .await;
        assert_eq!(kinds, ["wrapped-pbkdf2-sha256"; 4]);
        for number in 0..5 {
            assert!(may_log_in(app, &format!("person{number}"), "correct horse").await);
        }
        // And there is nothing left to wrap.
        let ran = import_text(app, "jsonl", "", &["--wrap"]);
        assert!(!ran.error.contains("wrapped"), "{}", ran.error);
    });
}
