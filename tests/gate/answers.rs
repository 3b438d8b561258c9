//! The headers of a 200: who is asking.

use gatelodge::domain::role::Role;
use serde_json::json;

use super::{ask, assert_passed, assert_refused, assert_stranger, with_policies};
use crate::harness::{PASSWORD, TestApp, codes, test, test_with};

#[test]
fn a_live_session_passes_with_every_identity_header() {
    test(async |app| {
        let ada = app.register("Ada").await;
        let session = ada.sessions().await[0].clone();
        let reply = ask(&ada, "/forward-auth").await;
        assert_passed(&reply, "Ada");
        assert_eq!(reply.header("gatelodge-user-id"), Some(ada.id.as_str()));
        assert_eq!(reply.header("gatelodge-session-id"), Some(&*session));
        assert_eq!(reply.header("gatelodge-roles"), Some("-"));
        assert_eq!(reply.header("access-control-allow-origin"), None);
        app.give_roles(&ada, "editor admin b:c").await;
        let reply = ask(&ada, "/forward-auth/any/path?any=query").await;
        assert_passed(&reply, "Ada");
        assert_eq!(reply.header("gatelodge-roles"), Some("admin,b:c,editor"));
    });
}

#[test]
fn usernames_are_percent_encoded_and_cannot_look_like_a_stranger() {
    test_with(with_policies, async |app| {
        for (username, encoded) in [
            ("Zoë", "Zo%C3%AB"),
            ("名", "%E5%90%8D"),
            ("a,b", "a%2Cb"),
            ("a%b", "a%25b"),
            ("x.y_z~@+-", "x.y_z~@+-"),
            ("-", "%2D"),
        ] {
            let user = app.register(username).await;
            for path in ["/forward-auth", "/forward-auth-optional"] {
                assert_passed(&ask(&user, path).await, encoded);
            }
        }
    });
}

#[test]
fn a_stranger_passes_only_an_optional_policy_and_has_a_dash_in_each_header() {
    test_with(with_policies, async |app| {
        assert_stranger(&ask(&app.browser(), "/forward-auth-optional").await);
        let reply = ask(&app.browser(), "/forward-auth").await;
        assert_refused(&reply, 401, "UNAUTHENTICATED");
        let challenge = reply.header("www-authenticate").unwrap();
        assert!(challenge.starts_with("Session "), "{challenge}");
    });
}

#[test]
fn a_role_policy_refuses_users_without_the_role() {
    test_with(with_policies, async |app| {
        let (ada, eve) = (app.register_admin("ada").await, app.register("eve").await);
        app.give_roles(&eve, "administrator x:admin").await;
        let path = "/forward-auth-admins";
        assert_passed(&ask(&ada, path).await, "ada");
        assert_refused(&ask(&eve, path).await, 403, "FORBIDDEN");
        assert_refused(&ask(&app.browser(), path).await, 401, "UNAUTHENTICATED");
        app.give_roles(&ada, "").await;
        assert_refused(&ask(&ada, path).await, 403, "FORBIDDEN");
        app.give_roles(&eve, "admin").await;
        assert_passed(&ask(&eve, path).await, "eve");
    });
}

#[test]
fn the_role_that_stands_for_no_roles_cannot_be_granted() {
    test(async |app| {
        let ada = app.register_admin("ada").await;
        let input = json!({ "id": ada.id, "roles": ["admin", "-"] });
        let payload = ada.change_user("setUserRoles", input).await;
        assert_eq!(codes(&payload), ["ROLE_INVALID"]);
        assert!("-".parse::<Role>().is_err());
        // A row that has it nevertheless.
        app.database
            .db_execute("UPDATE users SET roles = ' - '")
            .await;
        let again = app.log_in("ada").await;
        assert_eq!(
            ask(&again, "/forward-auth").await.header("gatelodge-roles"),
            Some("-")
        );
    });
}

/// Returns the bytes of an answer's head.
async fn head_of_answer(app: &TestApp, username: &str, roles: &str) -> usize {
    let user = app.register(username).await;
    app.give_roles(&user, roles).await;
    let id = "i".repeat(64);
    let headers = [("x-forwarded-method", "GET"), ("x-request-id", &*id)];
    let reply = super::ask_with(&user, "/forward-auth", &headers).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("x-request-id"), Some(&*id));
    let lines = reply.headers.iter();
    let lines = lines.map(|(name, value)| name.as_str().len() + value.len() + 4);
    "HTTP/1.1 200 OK\r\n\r\n".len() + lines.sum::<usize>()
}

#[test]
fn the_head_of_an_answer_is_small_even_with_the_longest_names_and_roles() {
    let longest_url = |config: &mut gatelodge::config::Config| {
        with_policies(config);
        let url = format!("https://{}.example.com", "a".repeat(40) + &".b".repeat(20));
        assert_eq!(url.len(), 100);
        config.browser.public_url = url.parse().unwrap();
    };
    test_with(longest_url, async |app| {
        // Eight roles of 63 bytes and their commas: 511 bytes.
        let roles = |count: usize, length: usize| {
            let role = |number| format!("{number:r>length$} ");
            (10..10 + count).map(role).collect::<String>()
        };
        let common = head_of_answer(app, &"!".repeat(64), &roles(8, 63)).await;
        assert!(common < 3 * 1024, "{common}");
        let longest = head_of_answer(app, &"\u{10330}".repeat(150), &roles(15, 64)).await;
        assert!(longest < 6 * 1024, "{longest}");
        eprintln!("heads: {common} and {longest} bytes");
    });
}

#[test]
fn two_users_who_ask_about_one_url_each_get_their_own_answer() {
    test(async |app| {
        let (ada, eve) = (app.register("ada").await, app.register("eve").await);
        for _ in 0..2 {
            for (user, name) in [(&ada, "ada"), (&eve, "eve")] {
                assert_passed(&ask(user, "/forward-auth/x").await, name);
            }
        }
        let again = app.browser();
        again.login("ada", PASSWORD).await;
        let reply = ask(&again, "/forward-auth").await;
        assert_ne!(
            reply.header("gatelodge-session-id"),
            ask(&ada, "/forward-auth")
                .await
                .header("gatelodge-session-id")
        );
    });
}
