//! `extensions.identity`: a client learns when another user, or no user, is behind its requests.

use serde_json::json;

use crate::harness::{Browser, PASSWORD, Reply, test};

fn identity(reply: &Reply) -> String {
    let json = reply.json();
    json["extensions"]["identity"]
        .as_str()
        .unwrap_or_else(|| panic!("{json:#}"))
        .to_owned()
}

async fn of(browser: &Browser) -> String {
    identity(&browser.run("{ __typename }", json!({})).await)
}

#[test]
fn the_identity_is_one_constant_for_all_signed_out_clients() {
    test(async |app| {
        assert_eq!(of(&app.browser()).await, "anonymous");
        let browser = app.browser();
        browser.set_token(&"A".repeat(43));
        assert_eq!(of(&browser).await, "anonymous");
        browser.set_token("junk");
        assert_eq!(of(&browser).await, "anonymous");
    });
}

#[test]
fn the_answer_to_a_login_or_logout_already_has_the_new_identity() {
    test(async |app| {
        let browser = app.browser();
        let input = json!({ "username": "ada", "password": PASSWORD, "confirmPassword": PASSWORD });
        let registered = identity(&browser.mutate_reply("register", input, "user { id }").await);
        assert_ne!(registered, "anonymous");
        assert_eq!(of(&browser).await, registered);
        let logout = "mutation { logout { loggedOut } }";
        assert_eq!(identity(&browser.run(logout, json!({})).await), "anonymous");
        assert_eq!(of(&browser).await, "anonymous");
        let refused = browser.login_reply("ada", "a wrong guess").await;
        assert_eq!(identity(&refused), "anonymous");
        let login = identity(&browser.login_reply("ada", PASSWORD).await);
        assert_eq!(of(&browser).await, login);
        assert_ne!(login, registered, "another session is another identity");
        let refused = browser.login_reply("ada", "a wrong guess").await;
        assert_eq!(identity(&refused), login, "a refused login changes nothing");
    });
}

#[test]
fn the_identity_links_no_sessions_and_reveals_no_token() {
    test(async |app| {
        let (one, two, bob) = (app.browser(), app.browser(), app.browser());
        one.must_register("ada", PASSWORD).await;
        two.login("ada", PASSWORD).await;
        bob.must_register("bob", PASSWORD).await;
        let all = [of(&one).await, of(&two).await, of(&bob).await];
        assert!(
            all[0] != all[1] && all[1] != all[2] && all[0] != all[2],
            "{all:?}"
        );
        let known = one.query("{ session { id } me { id } }").await.to_string();
        assert!(!known.contains(&all[0]));
        assert!(!one.token().unwrap().contains(&all[0]));
    });
}

#[test]
fn the_identity_stays_the_same_during_a_session() {
    test(async |app| {
        let browser = app.register("ada").await;
        let now = of(&browser).await;
        let input = json!({ "password": PASSWORD });
        let reply = browser
            .mutate_reply("reauthenticate", input, "session { id }")
            .await;
        assert_eq!(identity(&reply), now);
        for query in [
            "{ me { nonsense } }",
            "{ me {",
            "{ authSettings { registrationOpen } }",
        ] {
            assert_eq!(
                identity(&browser.run(query, json!({})).await),
                now,
                "{query}"
            );
        }
        let reply = browser.get("/graphql?query={me{id}}").await;
        assert_eq!(identity(&reply), now);
    });
}

#[test]
fn a_revoked_session_has_the_signed_out_identity() {
    test(async |app| {
        let (one, two) = (app.browser(), app.browser());
        one.must_register("ada", PASSWORD).await;
        two.login("ada", PASSWORD).await;
        of(&one).await;
        two.query("mutation { revokeOtherSessions { revokedCount } }")
            .await;
        assert_eq!(of(&one).await, "anonymous");
    });
}
