//! `gatelodge user …`: people, from the command line, beside a gateway that runs.

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    process::{Command, Stdio},
};

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{
    TestApp, TestDatabase, codes, eventually, on_every_database, test, test_with,
};

const PASSWORD: &str = "correct horse";
/// By then a change of another process counts on every node.
const A_SECOND: TimeDelta = TimeDelta::seconds(1);
const SECRET: &str = "a secret of tests, 32 bytes long";

/// What a command said, and how it ended.
#[derive(Debug)]
struct Said {
    status: i32,
    out: String,
    err: String,
}

impl Said {
    /// What it printed for programs; it must have succeeded.
    fn lines(&self) -> Vec<Value> {
        assert_eq!(self.status, 0, "{self:?}");
        let lines = self.out.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn line(&self) -> Value {
        let lines = self.lines();
        assert_eq!(lines.len(), 1, "{self:?}");
        lines[0].clone()
    }

    fn names(&self) -> Vec<String> {
        let lines = self.lines();
        let names = lines.iter().map(|line| line["username"].as_str().unwrap());
        names.map(str::to_owned).collect()
    }
}

/// Runs `gatelodge user` as an operator would, in an empty folder.
fn user_with(environment: &[(&str, &str)], arguments: &[&str], input: &str) -> Said {
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
    // A command that asks for nothing may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let made = std::fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(made, 0, "it left something behind");
    Said {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn user(database: &TestDatabase, arguments: &[&str], input: &str) -> Said {
    let environment = [
        ("DATABASE_URL", database.url.as_str()),
        ("GATELODGE_SECRET", SECRET),
    ];
    user_with(&environment, arguments, input)
}

/// The kinds of a person's events that the command line wrote: without an actor, and from nowhere.
async fn operators_events(app: &TestApp) -> Vec<String> {
    let sql = "SELECT kind FROM security_events
        WHERE actor_id IS NULL AND client_address IS NULL AND user_agent IS NULL ORDER BY id";
    app.database.db_column(sql).await
}

#[test]
fn the_first_administrator_comes_from_the_command_line() {
    test(async |app| {
        let added = user(&app.database, &["add", "Ada", "--password-stdin"], PASSWORD);
        assert_eq!(added.status, 0, "{added:?}");
        assert!(added.out.starts_with("Ada is added as user_"), "{added:?}");
        let roles = ["roles", "ada", "--add", "staff", "--add", "admin", "--json"];
        let ada = user(&app.database, &roles, "").line();
        assert_eq!(ada["username"], "Ada");
        assert_eq!(ada["roles"], json!(["admin", "staff"]));

        let browser = app.browser();
        assert_eq!(codes(&browser.login("ada", PASSWORD).await), [""; 0]);
        let me = browser.query("{ me { id roles } }").await["me"].clone();
        assert_eq!(me, json!({ "id": ada["id"], "roles": ["admin", "staff"] }));

        let fewer = ["roles", "ada", "--remove", "admin", "--remove", "other"];
        let fewer = user(&app.database, &fewer, "");
        assert_eq!(fewer.out, "Ada has staff\n");
        assert!(fewer.err.contains("nobody is left"), "{fewer:?}");
        app.advance(A_SECOND);
        eventually("the session sees it", async || {
            browser.query("{ me { roles } }").await["me"]["roles"] == json!(["staff"])
        })
        .await;
        assert_eq!(
            operators_events(app).await,
            ["user_added", "roles_changed", "roles_changed"]
        );
    });
}

#[test]
fn a_person_is_added_by_the_rules_of_those_who_register() {
    let closed = |config: &mut gatelodge::config::Config| {
        config.feature.registration = gatelodge::config::feature::Registration::Closed;
    };
    test_with(closed, async |app| {
        let add = |name: &str, password: &str| {
            user(&app.database, &["add", name, "--password-stdin"], password)
        };
        assert_eq!(add("ada", PASSWORD).status, 0);
        let longest = "\u{1F600}".repeat(256) + "\r\n";
        assert_eq!(add("emma", &longest).status, 0);
        for (name, password, told) in [
            ("ADA", PASSWORD, "already taken"),
            ("a b", PASSWORD, "without spaces"),
            ("bob", "short", "at least 8"),
            ("bob", "", "at least 8"),
            ("bob", &"x".repeat(257), "at most 256"),
            ("bob", &"x".repeat(1_000_000), "at most 256"),
            ("bob", &"\u{1F600}".repeat(257), "at most 256"),
            ("bob", &"\u{1F600}".repeat(100_000), "at most 256"),
            ("bob", "password123456", "easy to guess"),
            ("bobby", "Bobby is the best", "easy to guess"),
        ] {
            let refused = add(name, password);
            assert_eq!(refused.status, 1, "{refused:?}");
            assert!(refused.err.contains(told), "{refused:?}");
        }
        assert_eq!(app.database.db_count("users").await, 2);
        assert_eq!(operators_events(app).await, ["user_added"; 2]);
    });
}

#[test]
fn a_password_comes_from_standard_input_less_one_line_end_or_a_prompt_and_never_from_an_argument() {
    test(async |app| {
        for (name, given, password) in [
            ("none", "violet harbour", "violet harbour"),
            ("unix", "violet harbour\n", "violet harbour"),
            ("dos", "violet harbour\r\n", "violet harbour"),
            ("two", "violet harbour\n\n", "violet harbour\n"),
            ("return", "violet harbour\r", "violet harbour\r"),
            ("returns", "violet harbour\r\r\n", "violet harbour\r"),
            ("spaces", "  violet harbour  \n", "  violet harbour  "),
        ] {
            let added = user(&app.database, &["add", name, "--password-stdin"], given);
            assert_eq!(added.status, 0, "{added:?}");
            let login = app.browser().login(name, password).await;
            assert_eq!(codes(&login), [""; 0], "{name}");
        }
        for wrong in [
            &["add", "eve", "--password", "violet harbour"][..],
            &["add", "eve", "violet harbour"],
            &["set-password", "unix", "violet harbour"],
        ] {
            assert_eq!(user(&app.database, wrong, "").status, 2, "{wrong:?}");
        }
    });
}

#[test]
fn a_prompt_asks_twice_and_shows_nothing_of_what_is_typed() {
    test(async |app| {
        let at_prompts = |name: &str, answers: [&str; 2]| {
            // What runs under `script` has a terminal of its own.
            let mut child = Command::new("script")
                .env("DATABASE_URL", &app.database.url)
                .args(["-qec"])
                .arg(format!(
                    "{} user add {name}",
                    env!("CARGO_BIN_EXE_gatelodge")
                ))
                .arg("/dev/null")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let (mut keys, mut screen) =
                (child.stdin.take().unwrap(), child.stdout.take().unwrap());
            let (mut shown, mut answers) = (String::new(), answers.into_iter());
            let mut byte = [0];
            while screen.read(&mut byte).unwrap() == 1 {
                shown.push(char::from(byte[0]));
                if shown.ends_with("password: ") || shown.ends_with("again: ") {
                    let answer = answers.next().expect("it asks twice");
                    // Nobody types before the prompt is read; until then the terminal may not know yet to hide it.
                    std::thread::sleep(std::time::Duration::from_millis(500));
                    keys.write_all(format!("{answer}\n").as_bytes()).unwrap();
                }
            }
            (child.wait().unwrap().code().unwrap(), shown)
        };
        let (status, shown) = at_prompts("ada", ["violet harbour", "violet harbour"]);
        assert_eq!(status, 0, "{shown}");
        assert!(shown.contains("ada is added"), "{shown}");
        assert!(!shown.contains("violet"), "{shown}");
        let login = app.browser().login("ada", "violet harbour").await;
        assert_eq!(codes(&login), [""; 0]);

        let (status, shown) = at_prompts("bob", ["violet harbour", "violet harbor"]);
        assert_eq!(status, 1, "{shown}");
        assert!(shown.contains("the two passwords differ"), "{shown}");

        // Where nobody can be asked, it says what to do instead.
        let nobody = Command::new("setsid")
            .env("DATABASE_URL", &app.database.url)
            .args([
                "--wait",
                env!("CARGO_BIN_EXE_gatelodge"),
                "user",
                "add",
                "bob",
            ])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(nobody.status.code(), Some(2), "{nobody:?}");
        let told = String::from_utf8(nobody.stderr).unwrap();
        assert!(told.contains("--password-stdin"), "{told}");
        assert_eq!(app.database.db_count("users").await, 1);
    });
}

#[test]
fn a_disabled_person_is_out_everywhere_and_is_a_stranger_until_enabled() {
    test(async |app| {
        let browser = app.browser();
        browser.registered("ada", PASSWORD).await;
        let copied = browser.token().unwrap();
        let stays = app.browser();
        stays.registered("bob", PASSWORD).await;

        let disabled = user(&app.database, &["disable", "ADA", "--json"], "").line();
        assert!(disabled["disabledAt"].is_string(), "{disabled:#}");
        app.advance(A_SECOND);
        eventually("the copied cookie is dead", async || {
            browser.me().await.is_none()
        })
        .await;
        assert_eq!(stays.me().await.as_deref(), Some("bob"));

        let refused = app.browser().login("ada", PASSWORD).await;
        let stranger = app.browser().login("nobody", PASSWORD).await;
        assert_eq!(codes(&refused), ["INVALID_CREDENTIALS"]);
        assert_eq!(refused, stranger);
        // Her own browser, too, is told nothing.
        assert_eq!(browser.login("ada", PASSWORD).await, stranger);

        // Once more changes nothing, not even since when.
        let again = user(&app.database, &["disable", "ada", "--json"], "").line();
        assert_eq!(again, disabled);

        let enabled = user(&app.database, &["enable", "ada", "--json"], "").line();
        assert_eq!(enabled["disabledAt"], Value::Null);
        browser.set_token(&copied);
        assert_eq!(browser.me().await, None, "the old session stays ended");
        assert_eq!(codes(&app.browser().login("ada", PASSWORD).await), [""; 0]);
        assert_eq!(
            operators_events(app).await,
            ["user_disabled", "user_enabled"]
        );
    });
}

#[test]
fn a_deleted_person_is_gone_with_everything_but_that_they_were_deleted() {
    test(async |app| {
        let browser = app.browser();
        browser.registered("ada", PASSWORD).await;
        let gone = user(&app.database, &["delete", "ada"], "");
        assert_eq!((gone.status, gone.out.as_str()), (0, "ada is deleted\n"));
        app.advance(A_SECOND);
        eventually("the copied cookie is dead", async || {
            browser.me().await.is_none()
        })
        .await;
        let refused = app.browser().login("ada", PASSWORD).await;
        assert_eq!(codes(&refused), ["INVALID_CREDENTIALS"]);
        for (table, left) in [("users", 0), ("sessions", 0)] {
            assert_eq!(app.database.db_count(table).await, left, "{table}");
        }
        assert_eq!(operators_events(app).await, ["user_deleted"]);
        // The name is free, for somebody else.
        app.browser().registered("Ada", PASSWORD).await;
    });
}

#[test]
fn another_password_ends_all_sessions_and_the_old_password() {
    test(async |app| {
        let browser = app.browser();
        browser.registered("ada", PASSWORD).await;
        let set = ["set-password", "ada", "--password-stdin"];
        let refused = user(&app.database, &set, "ada ada");
        assert_eq!(refused.status, 1, "{refused:?}");
        assert_eq!(browser.me().await.as_deref(), Some("ada"));

        let done = user(&app.database, &set, "violet harbour\n");
        assert_eq!(done.status, 0, "{done:?}");
        app.advance(A_SECOND);
        eventually("the cookie is dead", async || browser.me().await.is_none()).await;
        let old = app.browser().login("ada", PASSWORD).await;
        assert_eq!(codes(&old), ["INVALID_CREDENTIALS"]);
        let new = app.browser().login("ada", "violet harbour").await;
        assert_eq!(codes(&new), [""; 0]);
        assert_eq!(operators_events(app).await, ["password_changed"]);
    });
}

#[test]
fn sessions_of_one_person_or_of_everybody_are_ended() {
    test(async |app| {
        let (ada, also_ada, bob) = (app.browser(), app.browser(), app.browser());
        ada.registered("ada", PASSWORD).await;
        also_ada.login("ada", PASSWORD).await;
        bob.registered("bob", PASSWORD).await;
        let one = user(&app.database, &["revoke-sessions", "ada"], "");
        assert_eq!((one.status, one.out.as_str()), (0, "sessions ended: 2\n"));
        for browser in [&ada, &also_ada] {
            app.advance(A_SECOND);
            eventually("the cookie is dead", async || browser.me().await.is_none()).await;
        }
        assert_eq!(bob.me().await.as_deref(), Some("bob"));
        assert_eq!(codes(&ada.login("ada", PASSWORD).await), [""; 0]);

        // As after a backup was restored: more of them than one transaction ends.
        db_add_sessions(app, 1200).await;
        let all = ["revoke-sessions", "--all", "--json"];
        let all = user(&app.database, &all, "").line();
        assert_eq!(all, json!({ "revokedCount": 1202 }));
        assert_eq!(app.database.db_count("sessions").await, 0);
        for browser in [&ada, &bob] {
            app.advance(A_SECOND);
            eventually("the cookie is dead", async || browser.me().await.is_none()).await;
        }
        let events = operators_events(app).await;
        assert!(events.iter().all(|kind| kind == "session_revoked"));
        let told = "SELECT DISTINCT username FROM users JOIN security_events ON user_id = users.id
            WHERE kind = 'session_revoked' ORDER BY username";
        let told: Vec<String> = app.database.db_column(told).await;
        assert_eq!(told, ["ada", "bob"]);
        assert_eq!(codes(&bob.login("bob", PASSWORD).await), [""; 0]);
    });
}

/// Copies a session behind the app's back.
async fn db_add_sessions(app: &TestApp, count: u128) {
    let is_postgres = app.database.name().starts_with("postgres");
    let mut sql = String::new();
    for number in 0..count {
        let (id, token) = if is_postgres {
            (format!("'{number:032x}'"), format!("'\\x{number:064x}'"))
        } else {
            (format!("X'{number:032x}'"), format!("X'{number:064x}'"))
        };
        write!(
            sql,
            "INSERT INTO sessions (id, token_hash, user_id, created_at, authenticated_at, last_seen_at, expires_at, persistent)
             SELECT {id}, {token}, user_id, created_at, authenticated_at, last_seen_at, expires_at, persistent
             FROM sessions ORDER BY id DESC LIMIT 1;"
        )
        .unwrap();
    }
    app.database.db_execute(&sql).await;
}

#[test]
fn unlock_forgives_the_failures_of_new_browsers_and_needs_the_deployments_secret() {
    let five = |config: &mut gatelodge::config::Config| config.throttle.account = 5;
    test_with(five, async |app| {
        let known = app.browser();
        known.registered("Ada", PASSWORD).await;
        for _ in 0..5 {
            app.browser().login("ada", "wrong password").await;
            known.login("ada", "wrong password").await;
        }
        let throttled = app.browser().login("ada", PASSWORD).await;
        assert_eq!(codes(&throttled), ["THROTTLED"]);

        let database = [("DATABASE_URL", app.database.url.as_str())];
        let without = user_with(&database, &["unlock", "ada"], "");
        assert_eq!(without.status, 2, "{without:?}");
        assert!(without.err.contains("GATELODGE_SECRET"), "{without:?}");
        let other = [
            database[0],
            ("GATELODGE_SECRET", "another secret, of 32 bytes or more"),
        ];
        let nothing = user_with(&other, &["unlock", "ada"], "");
        assert!(nothing.out.contains("had no failed logins"), "{nothing:?}");

        let unlocked = user(&app.database, &["unlock", "ada"], "");
        assert_eq!(unlocked.status, 0, "{unlocked:?}");
        assert!(unlocked.out.contains("need not wait"), "{unlocked:?}");
        // A browser that is known has a count of its own, which the command cannot find; it says so.
        assert!(unlocked.err.contains("20 minutes"), "{unlocked:?}");
        assert_eq!(codes(&known.login("ada", PASSWORD).await), ["THROTTLED"]);
        // The second time there is nothing to forgive, and nothing to note.
        let again = user(&app.database, &["unlock", "ada"], "");
        assert_eq!(again.status, 0, "{again:?}");
        assert!(again.out.contains("had no failed logins"), "{again:?}");
        assert_eq!(operators_events(app).await, ["user_unlocked"]);
        for _ in 0..5 {
            let wrong = app.browser().login("ada", "wrong password").await;
            assert_eq!(
                codes(&wrong),
                ["INVALID_CREDENTIALS"],
                "all five are free again"
            );
        }
        assert_eq!(
            codes(&app.browser().login("ada", "wrong password").await),
            ["THROTTLED"]
        );
        // One that the deployment made for itself is found where it keeps it.
        db_keep_secret(app, SECRET).await;
        let unlocked = user_with(&database, &["unlock", "ada"], "");
        assert!(unlocked.out.contains("need not wait"), "{unlocked:?}");
        assert_eq!(codes(&app.browser().login("ada", PASSWORD).await), [""; 0]);
        assert_eq!(
            operators_events(app).await,
            ["user_unlocked", "user_unlocked"]
        );
    });
}

/// Keeps a secret as a deployment does that made one for itself.
async fn db_keep_secret(app: &TestApp, secret: &str) {
    if app.database.is_sqlite() {
        let path = app.database.url.trim_start_matches("sqlite://");
        let path = path.replace("gatelodge.db?mode=rwc", "gatelodge.secret");
        std::fs::write(path, secret).unwrap();
    } else {
        let keep =
            format!("INSERT INTO secrets (name, secret_value) VALUES ('gatelodge', '{secret}')");
        app.database.db_execute(&keep).await;
    }
}

#[test]
fn an_unknown_person_is_exit_1_with_near_names() {
    test(async |app| {
        for name in ["Ada.Lovelace", "adam", "Grace", "Éva", "Игорь"] {
            app.browser().registered(name, PASSWORD).await;
        }
        for (typed, told) in [
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
                // Every command finds people the same way: two will do for most names.
                if typed != "adma" && !matches!(command[0], "show" | "delete") {
                    continue;
                }
                let said = user(&app.database, &[command, &[typed]].concat(), PASSWORD);
                assert_eq!(said.status, 1, "{command:?} {typed}: {said:?}");
                assert!(said.err.contains(told), "{command:?} {typed}: {said:?}");
                assert_eq!(said.out, "", "{command:?} {typed}");
            }
        }
        assert_eq!(operators_events(app).await, [""; 0]);
    });
}

#[test]
fn a_person_is_shown_by_any_spelling_of_their_name_and_by_their_id() {
    test(async |app| {
        let payload = app.browser().registered("Ada", PASSWORD).await;
        let id = payload["user"]["id"].as_str().unwrap();
        for name in ["ada", "ADA", "ａｄａ", id] {
            let shown = user(&app.database, &["show", name, "--json"], "").line();
            // The clock of the tests is ahead of the command's: the session is live all the same.
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
        assert!(!table.contains('\u{1b}'), "no colours where no terminal is");
    });
}

#[test]
fn people_are_listed_whole_newest_first_and_filtered_literally() {
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
fn a_long_list_comes_in_pages_and_ends_when_nobody_reads() {
    test(async |app| {
        app.browser().registered("ada", PASSWORD).await;
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
fn a_database_without_its_migrations_is_said_and_one_that_is_not_there_is_not_made() {
    on_every_database(async |database| {
        // An empty database of SQLite is a file that must be there.
        database.connect().await.close().await.unwrap();
        // What is left by a failure would be in the next run's way.
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
            let said = user(&database, command, "");
            assert_eq!(said.status, 1, "{said:?}");
            assert!(said.err.contains("gatelodge migrate up"), "{said:?}");
            assert_eq!(said.out, "", "{said:?}");
        }
        assert!(!path.exists());
    });
    // The folder must stay empty.
    for command in [
        &["list"][..],
        &["export", "--format", "csv", "--output", "people.csv"],
    ] {
        let said = user_with(&[], command, "");
        assert_eq!(said.status, 1, "{said:?}");
        assert!(said.err.contains("cannot open the database"), "{said:?}");
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
        assert!(said.err.contains(word), "{said:?}");
    }
    assert!(!said.err.contains("returned from database"), "{said:?}");
    assert!(!path.exists());
}

#[test]
fn a_name_of_the_form_of_an_id_is_not_added() {
    test(async |app| {
        for name in [
            "user_01h455vb4pex5vsknk084sn02q",
            "USER_01h455vb4pex5vsknk084sn02q",
            "session_01h455vb4pex5vsknk084sn02q",
        ] {
            let added = user(&app.database, &["add", name, "--password-stdin"], PASSWORD);
            assert_eq!(added.status, 1, "{added:?}");
            let why =
                "Username must not have the form of an id, like user_01h455vb4pex5vsknk084sn02q";
            assert!(added.err.contains(why), "{added:?}");
        }
        assert_eq!(app.database.db_count("users").await, 0);
        // What only looks like one is a name.
        let added = user(
            &app.database,
            &["add", "user_1", "--password-stdin"],
            PASSWORD,
        );
        assert_eq!(added.status, 0, "{added:?}");
    });
}
