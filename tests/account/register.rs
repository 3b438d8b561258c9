//! `register`: a new user, logged in at once.

use serde_json::{Value, json};

use crate::harness::{PASSWORD, assert_no_errors, codes, test, test_with};

#[test]
fn a_user_registers_and_is_logged_in_at_once() {
    test(async |app| {
        let browser = app.browser();
        let payload = browser.must_register("Ada", PASSWORD).await;
        assert_eq!(payload["user"]["username"], "Ada");
        assert!(payload["user"]["id"].as_str().unwrap().starts_with("user_"));
        assert!(
            payload["session"]["id"]
                .as_str()
                .unwrap()
                .starts_with("session_")
        );
        assert_eq!(payload["user"]["createdAt"], "2027-01-15T08:00:00+00:00");
        assert_eq!(browser.me().await.as_deref(), Some("Ada"));
        assert_eq!(app.browser().me().await, None);
    });
}

#[test]
fn missing_fields_are_reported_first() {
    test(async |app| {
        for (username, password, fields) in [
            ("", PASSWORD, vec!["username"]),
            ("ada", "", vec!["password"]),
            ("", "", vec!["username", "password"]),
        ] {
            let payload = app
                .browser()
                .register_confirmed(username, password, "x")
                .await;
            let expected: Vec<Value> = fields
                .iter()
                .map(|field| {
                    json!({ "code": "REQUIRED", "message": "Username and password required", "field": [field],
                            "retryAfter": null })
                })
                .collect();
            assert_eq!(payload["userErrors"], json!(expected));
            assert_eq!(payload["user"], Value::Null);
        }
        assert_eq!(app.database.db_count("users").await, 0);
    });
}

#[test]
fn two_different_passwords_are_refused_before_other_rules_are_checked() {
    test(async |app| {
        let payload = app
            .browser()
            .register_confirmed("a b", "short", "shorr")
            .await;
        assert_eq!(
            payload["userErrors"],
            json!([{ "code": "PASSWORDS_DO_NOT_MATCH", "message": "Passwords don't match",
                     "field": ["confirmPassword"], "retryAfter": null }])
        );
    });
}

#[test]
fn a_bad_username_and_a_bad_password_are_reported_together() {
    test(async |app| {
        let spaces = app.browser().must_register(" spaces ", PASSWORD).await;
        assert_eq!(spaces["user"]["username"], "spaces");
        let payload = app.browser().register("a b", "short").await;
        assert_eq!(codes(&payload), ["USERNAME_INVALID", "PASSWORD_TOO_SHORT"]);
        assert_eq!(payload["userErrors"][0]["field"], json!(["username"]));
        assert_eq!(payload["userErrors"][1]["field"], json!(["password"]));
        let payload = app.browser().register("ada", &"x".repeat(257)).await;
        assert_eq!(codes(&payload), ["PASSWORD_TOO_LONG"]);
    });
}

#[test]
fn every_spelling_of_a_name_is_the_same_name() {
    test(async |app| {
        app.register("Eva-é").await;
        for same in ["eva-é", "EVA-É", "ｅｖａ-é", "Eva-e\u{301}"] {
            let payload = app.browser().register(same, PASSWORD).await;
            assert_eq!(
                payload["userErrors"],
                json!([{ "code": "USERNAME_TAKEN", "message": "Username already taken",
                         "field": ["username"], "retryAfter": null }]),
                "{same}"
            );
        }
        for other in ["evа-é", "εva-é", "eva-e", "eva"] {
            app.register(other).await;
        }
        assert_eq!(app.database.db_count("users").await, 5);
    });
}

#[test]
fn names_with_control_format_or_bidi_characters_are_refused() {
    test(async |app| {
        let marks = format!("a{}", "\u{301}".repeat(10_000));
        for name in [
            "ad min",
            "ad\tmin",
            "a\u{0}b",
            "a\u{200B}b",
            "a\u{202E}b",
            "\u{FEFF}ab",
            "ﬁona",
            "\u{212A}elvin",
            &marks,
        ] {
            let payload = app.browser().register(name, PASSWORD).await;
            assert_eq!(codes(&payload), ["USERNAME_INVALID"], "{name:?}");
        }
        assert_eq!(app.database.db_count("users").await, 0);
    });
}

#[test]
fn a_name_of_150_characters_of_four_bytes_fits() {
    test(async |app| {
        let name = "𐐨".repeat(150);
        let browser = app.register(&name).await;
        assert_eq!(browser.me().await, Some(name));
    });
}

#[test]
fn a_password_is_compared_whole_and_exactly_as_typed() {
    test(async |app| {
        let long = "x".repeat(256);
        let emoji = "🐎".repeat(73);
        let passwords = [
            "  spaces at the ends  ",
            "nul\u{0}inside",
            "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
            &emoji,
            &long,
        ];
        for (number, password) in passwords.iter().enumerate() {
            let name = format!("user{number}");
            app.browser().must_register(&name, password).await;
            let typed = app.browser().login(&name, password).await;
            assert_no_errors(&typed);
            let chars: Vec<char> = password.chars().collect();
            let cut: String = chars[..chars.len() - 1].iter().collect();
            let composed = password.replace("e\u{301}", "é");
            for other in [
                password.trim(),
                &password.to_uppercase(),
                &cut,
                &composed,
                &chars[..72.min(chars.len() - 1)].iter().collect::<String>(),
            ] {
                if other != *password {
                    let other = app.browser().login(&name, other).await;
                    assert_eq!(codes(&other), ["INVALID_CREDENTIALS"], "{password:?}");
                }
            }
        }
    });
}

#[test]
fn one_of_fifty_clients_racing_for_a_name_gets_it() {
    test(async |app| {
        let mut racers = tokio::task::JoinSet::new();
        for (number, browser) in app.browsers(50).await.into_iter().enumerate() {
            let name = if number % 2 == 0 { "bob" } else { "BOB" };
            racers.spawn(async move { browser.register(name, PASSWORD).await });
        }
        let payloads = racers.join_all().await;
        let won = payloads.iter().filter(|payload| codes(payload).is_empty());
        assert_eq!(won.count(), 1);
        let taken = payloads
            .iter()
            .filter(|payload| codes(payload) == ["USERNAME_TAKEN"]);
        assert_eq!(taken.count(), 49);
        assert_eq!(app.database.db_count("users").await, 1);
        assert_eq!(app.database.db_count("sessions").await, 1);
    });
}

#[test]
fn two_clients_racing_for_a_name_never_both_get_it() {
    test(async |app| {
        for round in 0..50 {
            let (one, two) = (app.browser(), app.browser());
            let (lower, upper) = (format!("bob{round}"), format!("BOB{round}"));
            let (one, two) = tokio::join!(
                one.register(&lower, PASSWORD),
                two.register(&upper, PASSWORD)
            );
            let mut codes = [codes(&one), codes(&two)];
            codes.sort();
            assert_eq!(codes, [vec![], vec!["USERNAME_TAKEN"]], "round {round}");
        }
        assert_eq!(app.database.db_count("users").await, 50);
    });
}

#[test]
fn registering_while_logged_in_replaces_the_session() {
    test(async |app| {
        let browser = app.register("ada").await;
        let old = browser.token().unwrap();
        browser.must_register("bob", PASSWORD).await;
        assert_eq!(browser.me().await.as_deref(), Some("bob"));
        assert_ne!(browser.token().unwrap(), old);
        browser.set_token(&old);
        assert_eq!(browser.me().await, None);
        assert_eq!(app.database.db_count("sessions").await, 1);
    });
}

#[test]
fn a_refused_registration_keeps_the_session() {
    test(async |app| {
        app.register("bob").await;
        let browser = app.register("ada").await;
        let token = browser.token();
        assert_eq!(
            codes(&browser.register("bob", PASSWORD).await),
            ["USERNAME_TAKEN"]
        );
        assert_eq!(browser.token(), token);
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
    });
}

#[test]
fn nobody_registers_where_registration_is_closed() {
    test_with(
        |config| config.feature.registration = gatelodge::config::feature::Registration::Closed,
        async |app| {
            let payload = app.browser().register("ada", PASSWORD).await;
            assert_eq!(codes(&payload), ["REGISTRATION_CLOSED"]);
            assert_eq!(payload["userErrors"][0]["field"], Value::Null);
            let data = app
                .browser()
                .query("{ authSettings { registrationOpen } }")
                .await;
            assert_eq!(data["authSettings"]["registrationOpen"], false);
            assert_eq!(app.database.db_count("users").await, 0);
        },
    );
}

#[test]
fn a_form_can_query_the_rules_without_a_session() {
    test(async |app| {
        let query = "{ authSettings { usernameMaxLength passwordMinLength passwordMaxLength registrationOpen } }";
        assert_eq!(
            app.browser().query(query).await["authSettings"],
            json!({ "usernameMaxLength": 150, "passwordMinLength": 8, "passwordMaxLength": 256,
                    "registrationOpen": true })
        );
    });
}

#[test]
fn a_password_that_is_easy_to_guess_is_refused() {
    test_with(
        |config| {
            let words = ["", " Acme ", "\t"];
            config.password.context_words = words.map(str::to_owned).to_vec();
        },
        async |app| {
            for (username, password) in [
                ("ada", "password1"),
                ("ada", "PASSWORD1"),
                ("ada", "qwertyuiop"),
                ("adalovelace", "i am AdaLovelace!"),
                ("ＡＤＡＬ", "hello adal hello"),
                ("ada", "my GATELODGE login"),
                ("ada", "summer at acme"),
            ] {
                let payload = app.browser().register(username, password).await;
                assert_eq!(codes(&payload), ["PASSWORD_TOO_COMMON"], "{password}");
                assert_eq!(payload["userErrors"][0]["field"], json!(["password"]));
                assert_eq!(
                    payload["userErrors"][0]["message"],
                    "Password is too easy to guess"
                );
            }
            app.browser()
                .must_register("ada", "i am ada, and not")
                .await;
            assert_eq!(app.database.db_count("users").await, 1);
        },
    );
}
