//! `extensions.identity`: clients learn when somebody else, or nobody, is behind their requests.

use serde_json::json;

use crate::harness::{Browser, Reply, test};

const PASSWORD: &str = "correct horse";

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
fn it_is_one_constant_for_all_who_are_not_signed_in() {
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
fn the_answer_to_a_login_or_logout_carries_the_new_one_already() {
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
fn it_links_no_two_sessions_and_shows_none() {
    test(async |app| {
        let (one, two, bob) = (app.browser(), app.browser(), app.browser());
        one.registered("ada", PASSWORD).await;
        two.login("ada", PASSWORD).await;
        bob.registered("bob", PASSWORD).await;
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
fn it_stays_while_the_session_does_whatever_is_asked() {
    test(async |app| {
        let browser = app.browser();
        browser.registered("ada", PASSWORD).await;
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
fn a_revoked_session_is_nobodys() {
    test(async |app| {
        let (one, two) = (app.browser(), app.browser());
        one.registered("ada", PASSWORD).await;
        two.login("ada", PASSWORD).await;
        of(&one).await;
        two.query("mutation { revokeOtherSessions { revokedCount } }")
            .await;
        assert_eq!(of(&one).await, "anonymous");
    });
}
