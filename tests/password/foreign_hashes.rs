//! Hashes of other systems: users log in with their old passwords, and with no others.

use serde_json::{Value, json};

use crate::harness::{
    PASSWORD, TestApp, test,
    transfer::{CHEAP_HASH, can_log_in, column, fixture, import, import_text, line},
};

/// Asserts that only this password works, and that the login replaces the hash with one of Gatelodge's own.
async fn assert_login_replaces_hash(app: &TestApp, username: &str, password: &str) {
    assert!(
        !can_log_in(app, username, "not their password").await,
        "{username}"
    );
    assert!(can_log_in(app, username, password).await, "{username}");
    let hash = column(app, "password_hash", username).await;
    assert!(
        hash.starts_with("$argon2id$v=19$m=8,t=1,p=1"),
        "{username}: {hash}"
    );
}

#[test]
fn users_of_a_real_django_log_in_with_their_old_passwords() {
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

        let users = std::fs::read_to_string(fixture("people.json")).unwrap();
        let users: Vec<Value> = serde_json::from_str(&users).unwrap();
        for user_row in &users {
            let username = user_row["username"].as_str().unwrap();
            let password = user_row["password"].as_str();
            let enabled = user_row["is_active"] != false;
            // Wrong passwords first: they change nothing. One of each kind is enough, since each takes a second.
            if user_row["registers"].is_null() && user_row["is_staff"].is_null() {
                assert!(
                    !can_log_in(app, username, "not their password").await,
                    "{username}"
                );
            }
            let Some(password) = password else {
                assert!(!can_log_in(app, username, "!").await, "{username}");
                continue;
            };
            assert_eq!(
                can_log_in(app, username, password).await,
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
                can_log_in(app, username, password).await,
                enabled,
                "{username}, again"
            );
        }
    });
}

#[test]
fn users_of_php_node_and_better_auth_log_in_with_their_old_passwords() {
    test(async |app| {
        for file in ["node.jsonl", "php.jsonl"] {
            let ran = import(app, "jsonl", &fixture(file), &[]);
            assert_eq!(ran.status, 0, "{}", ran.error);
        }
        for (username, password) in [
            ("node", "bcrypt by node ß"),
            ("better", "better-auth, by default"),
            ("better-nfkc", "ﬁne Ⅷ cafe\u{301}"),
            ("php", "bcrypt by php é"),
            ("php-argon", "argon2id by php"),
        ] {
            assert_login_replaces_hash(app, username, password).await;
        }
    });
}

#[test]
fn a_bcrypt_hash_of_a_password_over_72_bytes_is_kept_and_the_right_password_works() {
    for wrap in [&[][..], &["--wrap"]] {
        test(async |app| {
            for file in ["node.jsonl", "php.jsonl"] {
                let ran = import(app, "jsonl", &fixture(file), wrap);
                assert_eq!(ran.status, 0, "{}", ran.error);
            }
            for (username, beginning) in [("node72", "x".repeat(72)), ("php72", "y".repeat(72))] {
                let before = column(app, "password_hash", username).await;
                // Their systems ignored everything after 72 bytes, so that the right one of these passwords is not
                // known.
                for tail in ["a wrong tail", "everything after it is ignored", ""] {
                    let typed = format!("{beginning}{tail}");
                    assert!(can_log_in(app, username, &typed).await, "{typed}");
                }
                assert_eq!(column(app, "password_hash", username).await, before);
                assert!(!can_log_in(app, username, &beginning[1..]).await);
            }
        });
    }
}

#[test]
fn users_of_a_system_that_normalises_passwords_can_type_them_in_every_spelling() {
    let spellings = [
        "ﬁne Ⅷ cafe\u{301}",
        "fine VIII café",
        "ｆｉｎｅ Ⅷ cafe\u{301}",
    ];
    for wrap in [&[][..], &["--wrap"]] {
        test(async |app| {
            import(app, "jsonl", &fixture("node.jsonl"), wrap);
            for round in 0..2 {
                for typed in spellings {
                    assert!(
                        can_log_in(app, "better-nfkc", typed).await,
                        "{round} {typed}"
                    );
                    let hash = column(app, "password_hash", "better-nfkc").await;
                    let marked = "$argon2id$v=19$m=8,t=1,p=1,data=bmZrYw$";
                    assert!(hash.starts_with(marked), "{hash}");
                }
                assert!(!can_log_in(app, "better-nfkc", "fine VII café").await);
            }
            // The rule stays when the cost changes, and goes with the password.
            let hash = column(app, "password_hash", "better-nfkc").await;
            let node = app
                .another_node(|config| config.password.iterations = 2)
                .await;
            for typed in spellings {
                assert!(can_log_in(&node, "better-nfkc", typed).await, "{typed}");
            }
            assert_ne!(column(app, "password_hash", "better-nfkc").await, hash);
            node.stop().await;
            // Passwords for all other kinds of hashes are compared as typed.
            app.browser()
                .must_register("ada", "caf\u{e9} au lait")
                .await;
            assert!(!can_log_in(app, "ada", "cafe\u{301} au lait").await);
        });
    }
}

#[test]
fn a_too_expensive_hash_is_refused_with_its_line_and_never_checked() {
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
            "5,000,000 iterations",
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
        // However these values came into the database, they are checked like a decoy.
        app.register("ada").await;
        for hash in &hashes[..4] {
            app.database
                .db_execute(&format!("UPDATE users SET password_hash = '{hash}'"))
                .await;
            assert!(!can_log_in(app, "ada", PASSWORD).await, "{hash}");
        }
    });
}

#[test]
fn an_invalid_hash_leaves_its_user_without_a_password() {
    test(async |app| {
        let hashes = [
            "",
            "!",
            "!abc",
            "md5$$5f4dcc3b5aa765d61d8327deb882cf99",
            "sha1$",
            "crypt$",
            "ünï$cödé",
            PASSWORD,
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
        assert!(ran.error.contains("password hash (MD5)"), "{}", ran.error);
        assert!(ran.error.contains("\nhint: 5 users have"), "{}", ran.error);
        assert!(
            !ran.error.contains(PASSWORD),
            "a possible password is not repeated"
        );
        let wrong = app.browser().login_reply("nobody", PASSWORD).await;
        for (index, hash) in hashes.iter().enumerate() {
            for password in [PASSWORD, "password", "!", hash] {
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
fn an_import_that_wraps_leaves_no_weak_hash_and_keeps_passwords() {
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
            assert_login_replaces_hash(app, username, password).await;
        }
    });
}

#[test]
fn a_login_that_replaces_an_old_hash_never_restores_a_changed_password() {
    test(async |app| {
        assert_eq!(
            import_text(app, "jsonl", &line("1", "ada", &json!({})), &[]).status,
            0
        );
        let browser = app.log_in("ada").await;
        let others = app.browsers(6).await;
        let mut changes = 0;
        for round in 0..20 {
            if changes == 4 {
                break;
            }
            app.database
                .db_execute(&format!("UPDATE users SET password_hash = '{CHEAP_HASH}'"))
                .await;
            let new = format!("another horse {round}");
            let query = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }";
            let input =
                json!({ "currentPassword": PASSWORD, "newPassword": new, "confirmPassword": new });
            let logins: Vec<_> = others
                .iter()
                .cloned()
                .map(|other| tokio::spawn(async move { other.login("ada", PASSWORD).await }))
                .collect();
            let reply = browser.run(query, json!({ "input": input })).await.data();
            for login in logins {
                login.await.unwrap();
            }
            if reply["changePassword"]["userErrors"] == json!([]) {
                changes += 1;
                assert!(!can_log_in(app, "ada", PASSWORD).await);
                assert!(can_log_in(app, "ada", &new).await);
            }
        }
        assert!(changes > 0, "no change was made: nothing was tested");
    });
}
