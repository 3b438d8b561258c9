//! `login`: a user gives a name and a password, and gets a session.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{PASSWORD, assert_no_errors, codes, test};

#[test]
fn a_user_logs_in_with_any_spelling_of_the_name() {
    test(async |app| {
        app.register("Ada").await;
        let browser = app.browser();
        for spelling in [
            "Ada",
            "ada",
            "ＡＤＡ",
            " Ada",
            "ada \t",
            "\u{3000}ada\u{a0}",
        ] {
            let payload = browser.login(spelling, PASSWORD).await;
            assert_no_errors(&payload);
            assert_eq!(payload["user"]["username"], "Ada");
            assert_eq!(browser.me().await.as_deref(), Some("Ada"));
        }
    });
}

#[test]
fn every_way_to_be_wrong_gets_the_same_answer() {
    test(async |app| {
        app.register("ada").await;
        let wrong = app.browser().login_reply("ada", "correct horsf").await;
        assert_eq!(
            wrong.data()["login"],
            json!({ "user": null, "session": null, "userErrors": [{
                "code": "INVALID_CREDENTIALS", "message": "Username and/or password incorrect",
                "field": null, "retryAfter": null }] })
        );
        assert!(wrong.set_cookies().is_empty());
        let long = "x".repeat(1000);
        for (username, password) in [
            ("nobody", PASSWORD),
            ("a b", PASSWORD),
            ("ada\u{0}", PASSWORD),
            ("\u{0}", PASSWORD),
            (&long, PASSWORD),
            ("ada", &long),
            ("ada", "short"),
            ("ada", "\u{0}"),
        ] {
            let reply = app.browser().login_reply(username, password).await;
            assert_eq!(reply.status, wrong.status);
            assert_eq!(reply.text, wrong.text, "{username:?} {password:?}");
        }
    });
}

#[test]
fn missing_login_fields_are_reported() {
    test(async |app| {
        let spaces = app.browser().login("  ", PASSWORD).await;
        assert_eq!(codes(&spaces), ["REQUIRED"]);
        let payload = app.browser().login("", "").await;
        assert_eq!(codes(&payload), ["REQUIRED", "REQUIRED"]);
        assert_eq!(
            payload["userErrors"][0]["message"],
            "Username and password required"
        );
        assert_eq!(payload["userErrors"][0]["field"], json!(["username"]));
        assert_eq!(payload["userErrors"][1]["field"], json!(["password"]));
    });
}

#[test]
fn logging_in_as_another_user_replaces_the_session() {
    test(async |app| {
        app.register("bob").await;
        let browser = app.register("ada").await;
        let old = browser.token().unwrap();
        let reply = browser.login_reply("bob", PASSWORD).await;
        let cookies = reply.set_cookies();
        let sessions = cookies
            .iter()
            .filter(|cookie| cookie.starts_with("gatelodge="));
        assert_eq!(sessions.count(), 1, "{cookies:?}");
        assert_eq!(browser.me().await.as_deref(), Some("bob"));
        browser.set_token(&old);
        assert_eq!(browser.me().await, None);
    });
}

#[test]
fn a_token_planted_before_the_login_is_worthless_after_it() {
    test(async |app| {
        let attacker = app.register("mallory").await;
        app.register("ada").await;
        let planted = attacker.token().unwrap();
        let victim = app.browser();
        victim.set_token(&planted);
        victim.login("ada", PASSWORD).await;
        assert_ne!(victim.token().unwrap(), planted);
        assert_eq!(attacker.me().await, None);
    });
}

#[test]
fn a_refused_login_keeps_the_current_session() {
    test(async |app| {
        app.register("bob").await;
        let browser = app.register("ada").await;
        browser.login("bob", "wrong password").await;
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
    });
}

#[test]
fn a_hash_with_another_cost_is_replaced_at_login_and_only_then() {
    test(async |app| {
        let hash = || {
            app.database
                .db_column::<String>("SELECT password_hash FROM users")
        };
        app.register("ada").await;
        let cheap = hash().await;
        assert!(cheap[0].starts_with("$argon2id$v=19$m=8,t=1,p=1$"));

        let dearer = app
            .another_node(|config| config.password.iterations = 2)
            .await;
        let browser = app.browser().at(dearer.public);
        browser.login("ada", "wrong password").await;
        assert_eq!(hash().await, cheap);
        browser.login("ada", PASSWORD).await;
        let upgraded = hash().await;
        assert!(upgraded[0].starts_with("$argon2id$v=19$m=8,t=2,p=1$"));
        assert_no_errors(&browser.login("ada", PASSWORD).await);
        assert_eq!(hash().await, upgraded);
        dearer.stop().await;
    });
}

#[test]
fn only_hashes_of_the_password_and_the_token_are_stored() {
    test(async |app| {
        let browser = app.register("ada").await;
        let stored = app
            .database
            .db_column::<Vec<u8>>("SELECT token_hash FROM sessions")
            .await;
        let token = browser.token().unwrap();
        let token = BASE64_URL_SAFE_NO_PAD.decode(token).unwrap();
        assert_ne!(stored[0], token);
        assert_eq!(stored[0], Sha256::digest(&token).to_vec());

        app.register("bob").await;
        let hashes = app
            .database
            .db_column::<String>("SELECT password_hash FROM users")
            .await;
        for hash in &hashes {
            assert!(hash.starts_with("$argon2id$v=19$"), "{hash}");
            assert!(!hash.contains(PASSWORD));
        }
        assert_ne!(hashes[0], hashes[1], "each hash has a salt of its own");
    });
}

#[test]
fn a_skipped_login_does_nothing_and_an_aliased_one_is_a_login() {
    test(async |app| {
        app.register("ada").await;
        let browser = app.browser();
        let input = json!({ "username": "ada", "password": PASSWORD });
        let query = "mutation($input: LoginInput!, $skip: Boolean!) {
            me: login(input: $input) @skip(if: $skip) { user { username } } __typename }";
        let throttles = app.database.db_count("throttles").await;
        let skipped = browser
            .run(query, json!({ "input": input, "skip": true }))
            .await;
        assert_eq!(app.database.db_count("throttles").await, throttles);
        assert_eq!(skipped.data(), json!({ "__typename": "Mutation" }));
        assert!(skipped.set_cookies().is_empty());
        let query = "mutation($input: LoginInput!) { ...L } fragment L on Mutation { x: login(input: $input) { user { username } } }";
        let run = browser.run(query, json!({ "input": input })).await;
        assert_eq!(run.data()["x"]["user"]["username"], "ada");
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
    });
}

#[test]
fn credentials_of_a_wrong_type_are_an_error_that_does_not_repeat_them() {
    test(async |app| {
        for input in [
            Value::Null,
            json!({}),
            json!({ "username": "ada" }),
            json!({ "username": null, "password": "hunter2hunter2" }),
            json!({ "username": ["hunter2"], "password": 5 }),
            json!({ "username": "ada", "password": { "hunter2": 1 } }),
            json!({ "username": "ada", "password": "hunter2hunter2", "hunter2": true }),
            json!("hunter2"),
        ] {
            let query = "mutation($input: LoginInput!) { login(input: $input) { user { id } } }";
            let reply = app.browser().run(query, json!({ "input": input })).await;
            assert_eq!(reply.code(), "BAD_USER_INPUT", "{input}");
            assert!(!reply.text.contains("hunter2"), "{}", reply.text);
            assert!(reply.json().get("data").is_none());
        }
    });
}
