//! `gatelodge user add` and `user roles`: the rules for new users, and where their password comes from.

use std::{
    io::{Read as _, Write as _},
    process::{Command, Stdio},
};

use serde_json::json;

use super::{VISIBILITY_DELAY, operator_events, user};
use crate::harness::{PASSWORD, assert_no_errors, eventually, test, test_with};

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

        let browser = app.log_in("ada").await;
        let me = browser.query("{ me { id roles } }").await["me"].clone();
        assert_eq!(me, json!({ "id": ada["id"], "roles": ["admin", "staff"] }));

        let fewer = ["roles", "ada", "--remove", "admin", "--remove", "other"];
        let fewer = user(&app.database, &fewer, "");
        assert_eq!(fewer.out, "Ada has staff\n");
        assert!(
            fewer.error.contains("no administrator is left"),
            "{fewer:?}"
        );
        app.advance(VISIBILITY_DELAY);
        eventually("the session has the new roles", async || {
            browser.query("{ me { roles } }").await["me"]["roles"] == json!(["staff"])
        })
        .await;
        assert_eq!(
            operator_events(app).await,
            ["user_added", "roles_changed", "roles_changed"]
        );
    });
}

#[test]
fn a_user_is_added_by_the_rules_of_registration() {
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
        for (name, password, words) in [
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
            assert!(refused.error.contains(words), "{refused:?}");
        }
        assert_eq!(app.database.db_count("users").await, 2);
        assert_eq!(operator_events(app).await, ["user_added"; 2]);
    });
}

#[test]
fn a_password_comes_from_standard_input_or_a_prompt_and_never_from_an_argument() {
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
            assert_no_errors(&login);
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
fn a_prompt_asks_twice_and_does_not_echo_the_input() {
    test(async |app| {
        let at_prompts = |name: &str, answers: [&str; 2]| {
            // `script` gives the command a terminal of its own.
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
                    // Input must come after the prompt; before it, the terminal may not hide it yet.
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
        assert_no_errors(&login);

        let (status, shown) = at_prompts("bob", ["violet harbour", "violet harbor"]);
        assert_eq!(status, 1, "{shown}");
        assert!(shown.contains("the two passwords differ"), "{shown}");

        // Without a terminal it says what to do instead.
        let without_terminal = Command::new("setsid")
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
        assert_eq!(
            without_terminal.status.code(),
            Some(2),
            "{without_terminal:?}"
        );
        let words = String::from_utf8(without_terminal.stderr).unwrap();
        assert!(words.contains("--password-stdin"), "{words}");
        assert_eq!(app.database.db_count("users").await, 1);
    });
}

#[test]
fn a_name_in_the_form_of_an_id_is_not_added() {
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
            assert!(added.error.contains(why), "{added:?}");
        }
        assert_eq!(app.database.db_count("users").await, 0);
        // A name that only resembles an id is allowed.
        let added = user(
            &app.database,
            &["add", "user_1", "--password-stdin"],
            PASSWORD,
        );
        assert_eq!(added.status, 0, "{added:?}");
    });
}
