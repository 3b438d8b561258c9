//! Moving in and out: `gatelodge user import` and `user export` on real files, and the logins that follow.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

use crate::harness::{TestApp, codes, test};

/// The fixtures, which the programs of tests/moving-in wrote.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/moving-in")
        .join(name)
}

/// `gatelodge user …` on the database of a test.
fn user(app: &TestApp, arguments: &[&str]) -> Command {
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
struct Ran {
    status: i32,
    out: String,
    error: String,
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

fn import(app: &TestApp, from: &str, file: &Path, more: &[&str]) -> Ran {
    user(app, &["import", "--from", from])
        .args(more)
        .arg(file)
        .output()
        .unwrap()
        .into()
}

/// Imports what is written to standard input.
fn import_text(app: &TestApp, from: &str, text: &str, more: &[&str]) -> Ran {
    let mut child = user(app, &["import", "--from", from])
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = text.to_owned();
    let writer = std::thread::spawn(move || {
        // A reader that wants no more closes its end.
        let _ = stdin.write_all(text.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output.into()
}

fn export(app: &TestApp, format: &str) -> String {
    let ran: Ran = user(app, &["export", "--format", format])
        .output()
        .unwrap()
        .into();
    assert_eq!(ran.status, 0, "{}", ran.error);
    ran.out
}

/// A line of JSON lines for somebody with a cheap hash of `correct horse`.
fn line(external_id: &str, username: &str, more: &Value) -> String {
    let mut row =
        json!({ "external_id": external_id, "username": username, "password_hash": CHEAP });
    row.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    format!("{row}\n")
}

/// Django's PBKDF2 of `correct horse`, of a thousand rounds.
const CHEAP: &str = "pbkdf2_sha256$1000$salty$DzvaoPDWHNlO+0p5E04mScIUiNVjJ8YpgYitYTNqHo8=";

/// The same of three hundred thousand rounds.
const SLOW: &str = "pbkdf2_sha256$300000$salty$+WY+1TrspydS9w4WkbZJQ/Wb9xuzG+grZWl2bYS4ZEI=";

async fn may_log_in(app: &TestApp, username: &str, password: &str) -> bool {
    let payload = app.browser().login(username, password).await;
    match codes(&payload)[..] {
        [] => true,
        ["INVALID_CREDENTIALS"] => false,
        _ => panic!("{payload:#}"),
    }
}

async fn column(app: &TestApp, column: &str, username: &str) -> String {
    let sql = format!("SELECT {column} FROM users WHERE username = '{username}'");
    app.database.db_column::<String>(&sql).await.remove(0)
}

#[test]
fn people_of_a_real_django_log_in_with_the_passwords_they_had() {
    test(async |app| {
        let ran = import(app, "django", &fixture("django.json"), &[]);
        assert_eq!(ran.status, 1, "{}", ran.error);
        assert!(
            ran.error
                .contains("refused: 14 \"ADA\": the username is taken"),
            "{}",
            ran.error
        );
        assert!(
            ran.error
                .contains("13 imported (1 without a usable password)"),
            "{}",
            ran.error
        );

        let people = std::fs::read_to_string(fixture("people.json")).unwrap();
        let people: Vec<Value> = serde_json::from_str(&people).unwrap();
        for person in &people {
            let username = person["username"].as_str().unwrap();
            let password = person["password"].as_str();
            let enabled = person["is_active"] != false;
            // Wrong ones first: they change nothing. One of each kind will do, each is a second's work.
            if person["registers"].is_null() && person["is_staff"].is_null() {
                assert!(
                    !may_log_in(app, username, "not their password").await,
                    "{username}"
                );
            }
            let Some(password) = password else {
                assert!(!may_log_in(app, username, "!").await, "{username}");
                continue;
            };
            assert_eq!(
                may_log_in(app, username, password).await,
                enabled,
                "{username}"
            );
            let hash = column(app, "password_hash", username).await;
            assert_eq!(
                hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"),
                enabled,
                "{username}: {hash}"
            );
            assert_eq!(
                may_log_in(app, username, password).await,
                enabled,
                "{username}, again"
            );
        }
    });
}

#[test]
fn people_of_php_node_and_better_auth_log_in_with_the_passwords_they_had() {
    test(async |app| {
        for file in ["node.jsonl", "php.jsonl"] {
            let ran = import(app, "jsonl", &fixture(file), &[]);
            assert_eq!(ran.status, 0, "{}", ran.error);
        }
        let (x, y) = ("x".repeat(72), "y".repeat(72));
        for (username, password) in [
            ("node", "bcrypt by node ß"),
            // What their writers cut off did not count with them, and so does not here.
            (
                "node72",
                &format!("{x}what comes after it counts for nothing"),
            ),
            ("php72", &y),
            ("better", "better-auth, by default"),
            ("better-nfkc", "ﬁne Ⅷ cafe\u{301}"),
            ("php", "bcrypt by php é"),
            ("php-argon", "argon2id by php"),
        ] {
            assert!(
                !may_log_in(app, username, "not their password").await,
                "{username}"
            );
            assert!(may_log_in(app, username, password).await, "{username}");
            let hash = column(app, "password_hash", username).await;
            assert!(
                hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"),
                "{username}: {hash}"
            );
        }
        // The new hash is of all that was typed.
        assert!(!may_log_in(app, "node72", &x).await);
    });
}

#[test]
fn a_hash_that_costs_too_much_is_refused_with_its_line_and_never_run() {
    test(async |app| {
        let digest = "A".repeat(43);
        let hashes = [
            format!("pbkdf2_sha256$2000000000$salt${digest}="),
            format!("argon2$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ${digest}"),
            format!("scrypt$1073741824$salt$8$1${digest}="),
            format!("$2b$31${}", ".".repeat(53)),
            "x".repeat(10_000_000),
        ];
        let file: String = hashes
            .iter()
            .enumerate()
            .map(|(index, hash)| {
                line(
                    &index.to_string(),
                    &format!("dear{index}"),
                    &json!({ "password_hash": hash }),
                )
            })
            .collect();
        let ran = import_text(app, "jsonl", &file, &[]);
        assert_eq!(ran.status, 1);
        for (number, reason) in [
            "5,000,000 rounds",
            "256 MiB",
            "128 MiB",
            "above 14",
            "longer than",
        ]
        .iter()
        .enumerate()
        {
            let refused = format!(
                "refused: {} \"dear{number}\": the password hash",
                number + 1
            );
            let line = ran.error.lines().find(|line| line.starts_with(&refused));
            assert!(
                line.is_some_and(|line| line.contains(reason)),
                "{refused} {reason}: {}",
                ran.error
            );
        }
        assert_eq!(app.database.db_count("users").await, 0);
        // However they came into the database: they are checked like a decoy.
        app.browser().registered("ada", "correct horse").await;
        for hash in &hashes[..4] {
            app.database
                .db_execute(&format!("UPDATE users SET password_hash = '{hash}'"))
                .await;
            assert!(!may_log_in(app, "ada", "correct horse").await, "{hash}");
        }
    });
}

#[test]
fn what_is_no_hash_leaves_its_person_without_a_password() {
    test(async |app| {
        let hashes = [
            "",
            "!",
            "!abc",
            "md5$$5f4dcc3b5aa765d61d8327deb882cf99",
            "sha1$",
            "crypt$",
            "ünï$cödé",
            "correct horse",
        ];
        let broken = [
            "pbkdf2_sha256$1000$sa$lt$AAAAAAAAAAAAAAAAAAAA",
            "pbkdf2_sha256$1000$salt$???",
            "$2b$10$short",
        ];
        let file: String = hashes
            .iter()
            .chain(&broken)
            .enumerate()
            .map(|(index, hash)| {
                line(
                    &index.to_string(),
                    &format!("none{index}"),
                    &json!({ "password_hash": hash }),
                )
            })
            .collect();
        let ran = import_text(app, "jsonl", &file, &[]);
        assert_eq!(ran.status, 1, "{}", ran.error);
        assert!(
            ran.error.contains(
                "8 imported (8 without a usable password), 0 were here already, 3 refused"
            ),
            "{}",
            ran.error
        );
        assert_eq!(ran.error.matches("note: ").count(), 5, "{}", ran.error);
        assert!(
            !ran.error.contains("correct horse"),
            "what may be a password is not repeated"
        );
        let wrong = app.browser().login_reply("nobody", "correct horse").await;
        for (index, hash) in hashes.iter().enumerate() {
            for password in ["correct horse", "password", "!", hash] {
                if !password.is_empty() {
                    let reply = app
                        .browser()
                        .login_reply(&format!("none{index}"), password)
                        .await;
                    assert_eq!(
                        (reply.status, reply.text),
                        (wrong.status, wrong.text.clone()),
                        "{hash} {password}"
                    );
                }
            }
        }
    });
}

#[test]
fn power_does_not_move_in_and_who_is_disabled_stays_so() {
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
        assert!(!may_log_in(app, "gone", "disabled people stay out").await);
    });
}

#[test]
fn names_that_gatelodge_cannot_take_are_reported_and_never_changed() {
    test(async |app| {
        app.browser().registered("Zoë", "correct horse").await;
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
                "a name does not reach the terminal as it is"
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
        // Who was here first is who they were.
        assert!(may_log_in(app, "zoë", "correct horse").await);
        assert_eq!(column(app, "username", "ada").await, "ada");
    });
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
        let before = export(app, "jsonl");

        // The name, the password and the roles have changed there; a fourth has come, twice.
        let second = line(
            "id-0",
            "renamed",
            &json!({ "roles": "editor", "disabled": true }),
        ) + &line("id-1", "person1", &json!({ "password_hash": "!" }))
            + &line("id-2", "person2", &json!({}))
            + &line("id-3", "person3", &json!({}))
            + &line("id-3", "person3 again", &json!({}))
            + &line("id-3", "person3-again", &json!({}));
        for (dry, summary) in [
            (
                "--dry-run",
                "1 would be imported (0 without a usable password), 4 were here already, 1 refused",
            ),
            (
                "--wrap",
                "1 imported (0 without a usable password), 4 were here already, 1 refused",
            ),
            (
                "--wrap",
                "0 imported (0 without a usable password), 5 were here already, 1 refused",
            ),
        ] {
            let ran = import_text(app, "jsonl", &second, &[dry]);
            assert!(ran.error.contains(summary), "{summary}: {}", ran.error);
            assert_eq!(ran.status, 1);
        }
        let after = export(app, "jsonl");
        let mut left: Vec<_> = after.lines().collect();
        left.retain(|line| !line.contains("person3"));
        let mut before: Vec<_> = before.lines().collect();
        left.sort_unstable();
        before.sort_unstable();
        assert_eq!(left, before);
    });
}

#[test]
fn what_export_writes_import_reads_back_to_the_same() {
    test(async |app| {
        import(app, "django", &fixture("django.json"), &[]);
        import(app, "jsonl", &fixture("node.jsonl"), &["--wrap"]);
        app.browser().registered("native", "correct horse").await;
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
        assert!(may_log_in(app, "native", "correct horse").await);
        assert!(may_log_in(app, "ada", "correct horse battery").await);
        assert!(may_log_in(app, "better", "better-auth, by default").await);
    });
}

#[test]
fn wrapped_at_once_no_weak_hash_remains_and_passwords_stay() {
    test(async |app| {
        for (from, file) in [
            ("django", "django.json"),
            ("jsonl", "node.jsonl"),
            ("jsonl", "php.jsonl"),
        ] {
            import(app, from, &fixture(file), &["--wrap"]);
        }
        let hashes = app
            .database
            .db_column::<String>("SELECT password_hash FROM users")
            .await;
        assert_eq!(hashes.len(), 20);
        for hash in &hashes {
            let strong = hash == "!"
                || hash.contains("$argon2id$v=19$m=19456,t=2,p=1$")
                || hash.starts_with("$argon2id$v=19$m=65536,t=4,p=1$");
            assert!(strong, "{hash}");
        }
        for (username, password) in [
            ("ada", "correct horse battery"),
            ("Zoë", "пароль с пробелами 🐎"),
            ("argon", "argon2 by django"),
            ("better", "better-auth, by default"),
            ("php", "bcrypt by php é"),
        ] {
            assert!(
                !may_log_in(app, username, "not their password").await,
                "{username}"
            );
            assert!(may_log_in(app, username, password).await, "{username}");
            let hash = column(app, "password_hash", username).await;
            assert!(
                hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"),
                "{username}: {hash}"
            );
        }
    });
}

#[test]
fn a_bad_row_stops_nothing_and_a_broken_file_keeps_what_came_before() {
    test(async |app| {
        let good = |number: u32| line(&format!("{number}"), &format!("good{number}"), &json!({}));
        let lines = [
            good(1),
            "{\"username\":\n".into(),
            "[1,2]\n".into(),
            "\n".into(),
            "{\"username\": 5, \"external_id\": 1}\n".into(),
            "{\"external_id\":9,\"username\":\"x\",\"password_hash\":\"!\",\"nickname\":\"y\"}\n"
                .into(),
            good(2),
        ]
        .concat();
        let ran = import_text(app, "jsonl", &lines, &[]);
        assert!(
            ran.error.contains(
                "2 imported (0 without a usable password), 0 were here already, 4 refused"
            ),
            "{}",
            ran.error
        );

        let csv = format!(
            "username,external_id,password_hash,disabled\ncsv1,c1,{CHEAP},no\ncsv2,c2,{CHEAP}\ncsv3,c3,{CHEAP},perhaps\n\"cs\nv4\",c4,{CHEAP},\ncsv5,c5,{CHEAP},\n"
        );
        let ran = import_text(app, "csv", &csv, &[]);
        assert!(
            ran.error.contains(
                "2 imported (0 without a usable password), 0 were here already, 3 refused"
            ),
            "{}",
            ran.error
        );
        assert!(
            ran.error
                .contains("refused: 3 \"\": it has 3 fields, and the header has 4"),
            "{}",
            ran.error
        );
        for header in [
            "username",
            "username,password_hash,nickname",
            "username,password_hash,username",
        ] {
            let ran = import_text(app, "csv", &format!("{header}\nx,y,z\n"), &[]);
            assert_eq!(ran.status, 1);
            assert!(
                ran.error
                    .contains("the file cannot be read after its beginning"),
                "{}",
                ran.error
            );
        }

        let element = |pk: &str, name: &str| {
            format!(
                r#"{{"model":"auth.user","pk":{pk},"fields":{{"username":"{name}","password":"{CHEAP}"}}}}"#
            )
        };
        let dump = format!(
            r#"[{{"model":"auth.group","pk":1,"fields":{{"name":"x"}}}},{},{{"model":"auth.user","pk":2}},7,{},{{"model":"auth.user","pk":3,"fie"#,
            element("1001", "django1"),
            element("\"u-2\"", "django2")
        );
        let ran = import_text(app, "django", &dump, &[]);
        assert_eq!(ran.status, 1);
        assert!(
            ran.error.contains(
                "2 imported (0 without a usable password), 0 were here already, 2 refused"
            ),
            "{}",
            ran.error
        );
        assert!(
            ran.error
                .contains("the file cannot be read after element 5"),
            "{}",
            ran.error
        );
        assert_eq!(app.database.db_count("users").await, 6);
        for file in ["", "{}", "null", "[}"] {
            assert_eq!(import_text(app, "django", file, &[]).status, 1, "{file}");
        }
    });
}

#[test]
fn killed_in_the_middle_an_import_is_whole_as_far_as_it_came_and_goes_on() {
    test(async |app| {
        const ROWS: i64 = 20_000;
        let mut file = tempfile::NamedTempFile::new().unwrap();
        for number in 0..ROWS {
            let row = line(
                &format!("id-{number}"),
                &format!("person{number}"),
                &json!({ "email": format!("{number}@example.com") }),
            );
            file.write_all(row.as_bytes()).unwrap();
        }
        let mut child = user(app, &["import", "--from", "jsonl"])
            .arg(file.path())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        crate::harness::eventually("the first batch is there", async || {
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
        assert!(may_log_in(app, "person0", "correct horse").await);
    });
}

#[test]
fn refused_logins_take_as_long_as_the_slowest_hash_that_is_left() {
    test(async |app| {
        app.browser().registered("fresh", "correct horse").await;
        app.auth.learn_refusal_floor().await.unwrap();
        assert!(app.auth.refusal_floor.get().is_zero());
        // A slow kind, a fast one, and one whose person has no password.
        let file = line("1", "slow", &json!({ "password_hash": SLOW }))
            + &line("2", "fast", &json!({}))
            + &line("3", "none", &json!({ "password_hash": "!" }));
        assert_eq!(import_text(app, "jsonl", &file, &[]).status, 0);
        app.auth.learn_refusal_floor().await.unwrap();
        let floor = app.auth.refusal_floor.get();
        for username in ["slow", "fast", "fresh", "none", "nobody", "a b"] {
            let start = std::time::Instant::now();
            assert!(!may_log_in(app, username, "not their password").await);
            // Never an upper bound: a machine may always be slower.
            assert!(start.elapsed() >= floor, "{username}");
        }
        // Who logs in is one less to wait for.
        assert!(may_log_in(app, "slow", "correct horse").await);
        app.auth.learn_refusal_floor().await.unwrap();
        let lower = app.auth.refusal_floor.get();
        assert!(!lower.is_zero());
        assert_eq!(
            app.database
                .db_column::<String>("SELECT kind FROM foreign_hashes")
                .await,
            ["pbkdf2-sha256"]
        );
        // Whatever replaced the last hash: it is noticed.
        app.database
            .db_execute("UPDATE users SET password_hash = '!' WHERE username = 'fast'")
            .await;
        app.auth.learn_refusal_floor().await.unwrap();
        assert!(app.auth.refusal_floor.get().is_zero());
        assert_eq!(app.database.db_count("foreign_hashes").await, 0);
    });
}

#[test]
fn a_login_that_replaces_an_old_hash_never_brings_back_a_password_that_was_changed() {
    test(async |app| {
        assert_eq!(
            import_text(app, "jsonl", &line("1", "ada", &json!({})), &[]).status,
            0
        );
        let browser = app.browser();
        browser.login("ada", "correct horse").await;
        let others = app.browsers(6).await;
        for round in 0..4 {
            app.database
                .db_execute(&format!("UPDATE users SET password_hash = '{CHEAP}'"))
                .await;
            let new = format!("another horse {round}");
            let query = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }";
            let input = json!({ "currentPassword": "correct horse", "newPassword": new, "confirmPassword": new });
            let logins: Vec<_> = others
                .iter()
                .cloned()
                .map(|other| tokio::spawn(async move { other.login("ada", "correct horse").await }))
                .collect();
            let changed = browser.run(query, json!({ "input": input })).await.data();
            for login in logins {
                login.await.unwrap();
            }
            if changed["changePassword"]["userErrors"] == json!([]) {
                assert!(!may_log_in(app, "ada", "correct horse").await);
                assert!(may_log_in(app, "ada", &new).await);
            }
        }
    });
}
