//! `gatelodge user show` and `list`: how a user is found, and what happens when none is.

use std::{
    fmt::Write as _,
    process::{Command, Stdio},
};

use serde_json::json;

use super::{operator_events, user, user_with};
use crate::harness::{PASSWORD, SECRET, on_every_database, test};

#[test]
fn an_unknown_user_is_exit_status_1_with_similar_names() {
    test(async |app| {
        for name in ["Ada.Lovelace", "adam", "Grace", "Éva", "Игорь"] {
            app.register(name).await;
        }
        for (typed, words) in [
            ("ada.lovelase", "did you mean Ada.Lovelace?"),
            ("adma", "did you mean adam?"),
            ("a%am", "did you mean adam?"),
            ("GRACIE", "did you mean Grace?"),
            ("hrace", "there is no user called hrace\n"),
            ("hraze", "there is no user called hraze\n"),
            ("somebody", "there is no user called somebody\n"),
            ("user_01m86rvxm8fg0s87yjm39r3bgb", "no user called user_"),
            ("a b", "there is no user called a b\n"),
            ("", "there is no user called \n"),
        ] {
            for command in [
                &["show"][..],
                &["disable"],
                &["enable"],
                &["delete"],
                &["set-password", "--password-stdin"],
                &["revoke-sessions"],
                &["roles", "--add", "admin"],
                &["unlock"],
            ] {
                // All commands find users the same way: two commands are enough for most names.
                if typed != "adma" && !matches!(command[0], "show" | "delete") {
                    continue;
                }
                let output = user(&app.database, &[command, &[typed]].concat(), PASSWORD);
                assert_eq!(output.status, 1, "{command:?} {typed}: {output:?}");
                assert!(
                    output.error.contains(words),
                    "{command:?} {typed}: {output:?}"
                );
                assert_eq!(output.out, "", "{command:?} {typed}");
            }
        }
        assert_eq!(operator_events(app).await, [""; 0]);
    });
}

#[test]
fn a_user_is_shown_by_any_spelling_of_the_name_and_by_id() {
    test(async |app| {
        let payload = app.browser().must_register("Ada", PASSWORD).await;
        let id = payload["user"]["id"].as_str().unwrap();
        for name in ["ada", "ADA", "ａｄａ", id] {
            let shown = user(&app.database, &["show", name, "--json"], "").line();
            // The clock of the tests is ahead of the command's: the session counts as active all the same.
            assert_eq!(
                shown,
                json!({
                    "id": id, "username": "Ada", "roles": [], "disabledAt": null, "sessions": 1,
                    "createdAt": payload["user"]["createdAt"],
                    "lastLogin": payload["user"]["createdAt"], "externalId": null,
                })
            );
        }
        let table = user(&app.database, &["show", "ada"], "").out;
        assert!(table.contains("username") && table.contains(id), "{table}");
        assert!(!table.contains('\u{1b}'), "no colours without a terminal");
    });
}

#[test]
fn all_users_are_listed_newest_first_and_filters_match_literally() {
    test(async |app| {
        for name in ["Anna_b", "annaxb", "an%", "bob", "ånna"] {
            let added = user(&app.database, &["add", name, "--password-stdin"], PASSWORD);
            assert_eq!(added.status, 0, "{added:?}");
        }
        user(&app.database, &["roles", "bob", "--add", "a_b"], "");
        user(&app.database, &["roles", "annaxb", "--add", "axb"], "");
        user(&app.database, &["disable", "bob"], "");
        let list = |filters: &[&str]| {
            let arguments = [&["list", "--json"], filters].concat();
            user(&app.database, &arguments, "").names()
        };
        assert_eq!(list(&[]), ["ånna", "bob", "an%", "annaxb", "Anna_b"]);
        assert_eq!(list(&["--search", "ANNA"]), ["annaxb", "Anna_b"]);
        assert_eq!(list(&["--search", "anna_"]), ["Anna_b"]);
        assert_eq!(list(&["--search", "an%"]), ["an%"]);
        assert_eq!(list(&["--search", "Ån"]), ["ånna"]);
        assert_eq!(list(&["--role", "a_b"]), ["bob"]);
        assert_eq!(list(&["--role", "a_b", "--search", "anna"]), [""; 0]);
        assert_eq!(list(&["--disabled"]), ["bob"]);
        let table = user(&app.database, &["list", "--disabled"], "").out;
        assert_eq!(table.lines().count(), 2, "{table}");
        assert!(table.ends_with("a_b    bob\n"), "{table}");
    });
}

#[test]
fn a_long_list_is_read_in_pages_and_ends_quietly_when_its_reader_is_gone() {
    test(async |app| {
        app.register("ada").await;
        let is_postgres = app.database.name().starts_with("postgres");
        let mut sql = String::new();
        for number in 0..1300_u32 {
            let quote = if is_postgres { "" } else { "X" };
            write!(
                sql,
                "INSERT INTO users (id, username, username_key, password_hash, created_at, roles, password_version)
                 SELECT {quote}'{number:032x}', 'p{number}', 'p{number}', password_hash, created_at, roles, 0
                 FROM users WHERE username = 'ada';"
            )
            .unwrap();
        }
        app.database.db_execute(&sql).await;
        let mut names = user(&app.database, &["list", "--json"], "").names();
        assert_eq!(names.len(), 1301);
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 1301, "nobody twice");

        let mut child = Command::new(env!("CARGO_BIN_EXE_gatelodge"))
            .env_clear()
            .env("DATABASE_URL", &app.database.url)
            .args(["user", "list", "--json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        assert!(child.wait().unwrap().success());
    });
}

#[test]
fn an_unmigrated_database_is_reported_and_a_missing_one_is_not_created() {
    on_every_database(async |database| {
        // An empty SQLite database is a file that must exist.
        database.connect().await.close().await.unwrap();
        // A failure must not leave a file for the next run.
        let output = tempfile::tempdir().unwrap();
        let path = output.path().join("people.csv");
        let export = [
            "export",
            "--format",
            "csv",
            "--output",
            path.to_str().unwrap(),
        ];
        for command in [&["list"][..], &["export", "--format", "csv"], &export] {
            let output = user(&database, command, "");
            assert_eq!(output.status, 1, "{output:?}");
            assert!(output.error.contains("gatelodge migrate up"), "{output:?}");
            assert_eq!(output.out, "", "{output:?}");
        }
        assert!(!path.exists());
    });
    // The folder must stay empty.
    for command in [
        &["list"][..],
        &["export", "--format", "csv", "--output", "people.csv"],
    ] {
        let output = user_with(&[], command, "");
        assert_eq!(output.status, 1, "{output:?}");
        assert!(
            output.error.contains("cannot open the database"),
            "{output:?}"
        );
    }
}

#[test]
fn a_command_on_a_sqlite_file_that_does_not_exist_says_how_to_create_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("no.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let environment = [("DATABASE_URL", url.as_str()), ("GATELODGE_SECRET", SECRET)];
    let said = user_with(&environment, &["list"], "");
    assert_eq!(said.status, 1, "{said:?}");
    for word in ["there is no file", "no.db", "gatelodge migrate up"] {
        assert!(said.error.contains(word), "{said:?}");
    }
    assert!(!said.error.contains("returned from database"), "{said:?}");
    assert!(!path.exists());
}
