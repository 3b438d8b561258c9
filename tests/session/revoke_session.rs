//! `revokeSession` and `revokeOtherSessions`: users end their sessions in other browsers.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{Browser, PASSWORD, assert_no_errors, codes, test};

async fn revoke(browser: &Browser, id: &str) -> Value {
    let wanted = "revokedSessionId user { sessions { nodes { id } } }";
    browser
        .mutate("revokeSession", json!({ "id": id }), wanted)
        .await
}

async fn revoke_others(browser: &Browser) -> Value {
    let query = "mutation { revokeOtherSessions {
        revokedCount user { username } userErrors { code message field retryAfter } } }";
    browser.query(query).await["revokeOtherSessions"].clone()
}

#[test]
fn a_revoked_session_ends_at_once_and_the_others_continue() {
    test(async |app| {
        let lost = app.register("ada").await;
        app.advance(TimeDelta::seconds(1));
        let browser = app.log_in("ada").await;
        let ids = browser.sessions().await;
        assert_eq!(lost.me().await.as_deref(), Some("ada"));
        let payload = revoke(&browser, &ids[1]).await;
        assert_eq!(
            payload,
            json!({ "revokedSessionId": ids[1], "userErrors": [],
                    "user": { "sessions": { "nodes": [{ "id": ids[0] }] } } })
        );
        assert_eq!(lost.me().await, None);
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
        assert_eq!(codes(&revoke(&browser, &ids[1]).await), ["NOT_FOUND"]);
    });
}

#[test]
fn a_session_of_another_user_and_an_invalid_id_get_the_same_answer_and_end_nothing() {
    test(async |app| {
        let bob = app.register("bob").await;
        let bobs = bob.sessions().await;
        let browser = app.register("ada").await;
        let me = browser.query("{ me { id } }").await;
        let mut answers = vec![];
        for id in [
            bobs[0].as_str(),
            "session_01h455vb4pex5vsknk084sn02q",
            "session_00000000000000000000000000",
            me["me"]["id"].as_str().unwrap(),
            "' OR 1=1 --",
            "",
        ] {
            let input = json!({ "id": id });
            let reply = browser
                .mutate_reply("revokeSession", input, "revokedSessionId")
                .await;
            answers.push(reply.text);
        }
        assert!(answers[0].contains("NOT_FOUND"), "{answers:?}");
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
        assert_eq!(bob.me().await.as_deref(), Some("bob"));
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
    });
}

#[test]
fn revoking_the_current_session_equals_a_logout() {
    test(async |app| {
        let browser = app.register("ada").await;
        let token = browser.token().unwrap();
        app.advance(TimeDelta::hours(1));
        let id = browser.sessions().await.remove(0);
        let input = json!({ "id": id });
        let reply = browser
            .mutate_reply("revokeSession", input, "revokedSessionId")
            .await;
        assert_no_errors(&reply.data()["revokeSession"]);
        let cookies = reply.set_cookies();
        assert_eq!(cookies.len(), 1, "{cookies:?}");
        assert!(cookies[0].starts_with("gatelodge=;"), "{cookies:?}");
        assert_eq!(reply.json()["extensions"]["identity"], "anonymous");
        browser.set_token(&token);
        assert_eq!(browser.me().await, None);
    });
}

#[test]
fn all_other_sessions_of_the_user_end_together_and_no_others() {
    test(async |app| {
        let bob = app.register("bob").await;
        let others = [app.browser(), app.browser(), app.browser()];
        others[0].must_register("ada", PASSWORD).await;
        others[1].login("ada", PASSWORD).await;
        others[2].login("ada", PASSWORD).await;
        let browser = app.log_in("ada").await;
        assert_eq!(
            revoke_others(&browser).await,
            json!({ "revokedCount": 3, "user": { "username": "ada" }, "userErrors": [] })
        );
        for other in &others {
            assert_eq!(other.me().await, None);
        }
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
        assert_eq!(bob.me().await.as_deref(), Some("bob"));
        assert_eq!(revoke_others(&browser).await["revokedCount"], 0);
    });
}

#[test]
fn ending_other_sessions_needs_a_recent_password_check() {
    test(async |app| {
        let other = app.register("ada").await;
        let browser = app.log_in("ada").await;
        app.advance(TimeDelta::minutes(15));
        let id = other.query("{ session { id } }").await["session"]["id"].clone();
        let id = id.as_str().unwrap();
        for id in [id, "junk"] {
            let payload = revoke(&browser, id).await;
            assert_eq!(codes(&payload), ["REAUTHENTICATION_REQUIRED"]);
        }
        let payload = revoke_others(&browser).await;
        assert_eq!(codes(&payload), ["REAUTHENTICATION_REQUIRED"]);
        assert_eq!(other.me().await.as_deref(), Some("ada"));

        let input = json!({ "password": PASSWORD });
        browser
            .mutate("reauthenticate", input, "session { id }")
            .await;
        assert_no_errors(&revoke(&browser, id).await);
        assert_eq!(other.me().await, None);
    });
}

#[test]
fn a_login_that_races_a_revocation_is_either_revoked_or_fully_opened() {
    test(async |app| {
        let browser = app.register("ada").await;
        for _ in 0..10 {
            let logins = app.browsers(4).await;
            let mut racing = JoinSet::new();
            for login in logins.clone() {
                racing.spawn(async move { login.login("ada", PASSWORD).await });
            }
            assert_no_errors(&revoke_others(&browser).await);
            for payload in racing.join_all().await {
                assert_no_errors(&payload);
            }
            let mut live = 0;
            for login in &logins {
                live += usize::from(login.me().await.is_some());
            }
            assert_eq!(browser.sessions().await.len(), live + 1);
            revoke_others(&browser).await;
        }
    });
}
