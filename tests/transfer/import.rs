//! Import and export: rows are reported and never changed, an import continues, and an export can be imported.

use std::{io::Write as _, process::Stdio};

use serde_json::{Value, json};

use crate::harness::{
    PASSWORD, eventually, test,
    transfer::{can_log_in, column, export, fixture, import, import_text, line, user},
};

#[test]
fn the_admin_role_is_not_imported_and_disabled_users_stay_disabled() {
    test(async |app| {
        import(app, "django", &fixture("django.json"), &[]);
        for (username, roles) in [
            ("ada", ""),
            ("staff", "staff"),
            ("root", "staff superuser"),
            ("admin", ""),
        ] {
            assert_eq!(
                column(app, "roles", username).await.trim(),
                roles,
                "{username}"
            );
        }
        let file = line("a", "mallory", &json!({ "roles": ["editor", "admin"] }))
            + &line("b", "trent", &json!({ "roles": "admin Admin" }));
        let ran = import_text(app, "jsonl", &file, &[]);
        assert_eq!(ran.status, 0, "{}", ran.error);
        assert!(
            ran.error
                .contains("note: 1 \"mallory\": the role admin was left out"),
            "{}",
            ran.error
        );
        assert_eq!(column(app, "roles", "mallory").await.trim(), "editor");
        assert_eq!(column(app, "roles", "trent").await.trim(), "Admin");
        assert!(!can_log_in(app, "gone", "disabled people stay out").await);
    });
}

#[test]
fn invalid_names_are_reported_and_never_changed() {
    test(async |app| {
        app.register("Zoë").await;
        let long = "x".repeat(151);
        let file: String = [
            "ada",
            "ＡＤＡ",
            "Ada",
            "a b",
            "a\u{1b}[2Jb",
            "",
            &long,
            "zoe\u{308}",
            "bob",
        ]
        .iter()
        .enumerate()
        .map(|(index, name)| {
            line(
                &index.to_string(),
                name,
                &json!({ "email": format!("{index}@example.com") }),
            )
        })
        .collect();
        let errors = tempfile::NamedTempFile::new().unwrap();
        let path = errors.path().to_str().unwrap();
        for dry in [true, false] {
            let more = if dry {
                vec!["--errors", path, "--dry-run"]
            } else {
                vec!["--errors", path]
            };
            let ran = import_text(app, "jsonl", &file, &more);
            assert_eq!(ran.status, 1, "{}", ran.error);
            assert!(
                !ran.error.contains('\u{1b}'),
                "control characters of a name do not reach the terminal"
            );
            let refused: Vec<Value> = std::fs::read_to_string(path)
                .unwrap()
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            let positions: Vec<_> = refused
                .iter()
                .map(|line| line["position"].as_u64().unwrap())
                .collect();
            assert_eq!(positions, [2, 3, 4, 5, 6, 7, 8], "{refused:?}");
            assert_eq!(refused[0]["username"], "ＡＤＡ");
            assert_eq!(refused[0]["externalId"], "1");
            assert_eq!(
                app.database.db_count("users").await,
                if dry { 1 } else { 3 }
            );
        }
        // The users who were there first are unchanged.
        assert!(can_log_in(app, "zoë", PASSWORD).await);
        assert_eq!(column(app, "username", "ada").await, "ada");
    });
}

#[test]
fn timestamps_are_read_as_postgresql_and_ruby_write_them() {
    test(async |app| {
        let written = [
            ("2024-01-02 03:04:05+00", "2024-01-02T03:04:05.000000Z"),
            (
                "2024-01-02 03:04:05.123456+00",
                "2024-01-02T03:04:05.123456Z",
            ),
            ("2024-01-02 03:04:05-08", "2024-01-02T11:04:05.000000Z"),
            ("2024-01-02 03:04:05.5+05:30", "2024-01-01T21:34:05.500000Z"),
            ("2024-01-02 03:04:05 UTC", "2024-01-02T03:04:05.000000Z"),
        ];
        let rows = written.iter().enumerate().map(|(index, (text, _))| {
            let number = index.to_string();
            line(
                &number,
                &format!("u{index}"),
                &json!({ "created_at": text }),
            )
        });
        let ran = import_text(app, "jsonl", &rows.collect::<String>(), &[]);
        assert_eq!(ran.status, 0, "{}", ran.error);
        let exported = export(app, "jsonl");
        for (_, moment) in written {
            let created = format!("\"created_at\":\"{moment}\"");
            assert!(exported.contains(&created), "{moment}: {exported}");
        }
        for text in [
            "infinity",
            "0044-03-15 00:00:00+00 BC",
            "2024-01-02 03:04:05+",
        ] {
            let row = line("x", "x", &json!({ "created_at": text }));
            assert_eq!(import_text(app, "jsonl", &row, &[]).status, 1, "{text}");
        }
    });
}

#[test]
fn a_dry_run_lists_users_whose_passwords_cannot_be_imported_and_a_fix() {
    test(async |app| {
        let md5 = json!({ "password_hash": "5f4dcc3b5aa765d61d8327deb882cf99" });
        let file = line("1", "old", &md5) + &line("2", "new", &json!({}));
        let ran = import_text(app, "jsonl", &file, &["--dry-run"]);
        assert_eq!(ran.status, 0, "{}", ran.error);
        for said in [
            "note: 1 \"old\": Gatelodge does not support this kind of password hash (plain MD5)",
            "hint: 1 users have a password hash of an unsupported kind",
            "more than 256 characters",
            "gatelodge user set-password",
        ] {
            assert!(ran.error.contains(said), "{said}: {}", ran.error);
        }
        assert!(!ran.error.contains("5f4dcc"), "{}", ran.error);
    });
}

#[test]
fn an_export_that_is_imported_again_gives_the_same_users() {
    test(async |app| {
        import(app, "django", &fixture("django.json"), &[]);
        import(app, "jsonl", &fixture("node.jsonl"), &["--wrap"]);
        app.register("native").await;
        let odd = json!({ "first_name": "Anna \"Ännchen\", née", "last_name": "O'Neil; DROP", "email": "a@b", "roles": "x y",
            "created_at": "2001-02-03T04:05:06.123456+02:00", "last_login": "2002-02-03 04:05:06", "disabled_at": "2003-01-01" });
        assert_eq!(
            import_text(app, "jsonl", &line("odd,one", "odd", &odd), &[]).status,
            0
        );
        let written = export(app, "jsonl");
        assert!(written.contains(r#""created_at":"2001-02-03T02:05:06.123456Z","last_login":"2002-02-03T04:05:06.000000Z","disabled_at":"2003-01-01T00:00:00.000000Z""#), "{written}");
        for format in ["csv", "jsonl"] {
            let file = export(app, format);
            app.database.db_execute("DELETE FROM sessions").await;
            app.database.db_execute("DELETE FROM users").await;
            assert_eq!(app.database.db_count("imported_people").await, 0);
            let ran = import_text(app, format, &file, &[]);
            assert_eq!(ran.status, 0, "{format}: {}", ran.error);
            assert_eq!(export(app, "jsonl"), written, "{format}");
        }
        assert!(can_log_in(app, "native", PASSWORD).await);
        assert!(can_log_in(app, "ada", "correct horse battery").await);
        assert!(can_log_in(app, "better", "better-auth, by default").await);
    });
}

#[test]
fn a_killed_import_keeps_whole_batches_and_continues_when_run_again() {
    test(async |app| {
        const ROWS: i64 = 20_000;
        let mut file = tempfile::NamedTempFile::new().unwrap();
        for number in 0..ROWS {
            let row = line(
                &format!("id-{number}"),
                &format!("user{number}"),
                &json!({ "email": format!("{number}@example.com") }),
            );
            file.write_all(row.as_bytes()).unwrap();
        }
        let mut child = user(app, &["import", "--from", "jsonl"])
            .arg(file.path())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        eventually("the first batch is there", async || {
            app.database.db_count("users").await > 0
        })
        .await;
        child.kill().unwrap();
        child.wait().unwrap();
        let users = app.database.db_count("users").await;
        assert_eq!(app.database.db_count("imported_people").await, users);
        assert_eq!(app.database.db_count("foreign_hashes").await, users);
        assert_eq!(users % 1000, 0, "{users}");

        let ran = import(app, "jsonl", file.path(), &[]);
        assert_eq!(ran.status, 0, "{}", ran.error);
        assert!(
            ran.error.contains("were here already, 0 refused"),
            "{}",
            ran.error
        );
        for table in ["users", "imported_people", "foreign_hashes"] {
            assert_eq!(app.database.db_count(table).await, ROWS, "{table}");
        }
        assert!(can_log_in(app, "user0", PASSWORD).await);
    });
}

#[test]
fn a_report_replaces_no_other_file() {
    test(async |app| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notes.txt");
        std::fs::write(&path, "keep me").unwrap();
        let errors = ["--errors", path.to_str().unwrap()];
        let ran = import_text(app, "jsonl", &line("1", "ada", &json!({})), &errors);
        assert_eq!(ran.status, 1, "{}", ran.error);
        assert!(
            ran.error.contains("is not a report of an import"),
            "{}",
            ran.error
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "keep me");
        assert_eq!(app.database.db_count("users").await, 0);

        // An earlier report is replaced.
        let path = directory.path().join("refused.jsonl");
        let errors = ["--errors", path.to_str().unwrap()];
        let wrong = line("1", "a b", &json!({}));
        for _ in 0..2 {
            let ran = import_text(app, "jsonl", &wrong, &errors);
            assert_eq!(ran.status, 1, "{}", ran.error);
            let report = std::fs::read_to_string(&path).unwrap();
            assert_eq!(report.lines().count(), 1, "{report}");
        }
    });
}

#[test]
fn an_unclosed_quote_in_csv_shows_no_hash_of_the_rows_after_it() {
    test(async |app| {
        let csv =
            "external_id,username,password_hash\n1,one,!\n2,\"two,!\n3,three,$argon2id$HASH\n";
        let ran = import_text(app, "csv", csv, &[]);
        assert_eq!(ran.status, 1, "{}", ran.error);
        assert!(
            ran.error.contains("is a quote not closed?"),
            "{}",
            ran.error
        );
        assert!(!ran.error.contains("HASH"), "{}", ran.error);
    });
}
