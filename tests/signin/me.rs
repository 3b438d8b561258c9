//! `me`, `session` and `node`: what users may read about themselves.

use serde_json::{Value, json};

use crate::harness::{PASSWORD, test};

#[test]
fn me_is_null_without_an_error_when_signed_out() {
    test(async |app| {
        let data = app
            .browser()
            .query("{ me { id } session { id } node(id: \"user_1\") { id } }")
            .await;
        assert_eq!(data, json!({ "me": null, "session": null, "node": null }));
    });
}

#[test]
fn a_user_sees_their_own_account_and_session() {
    test(async |app| {
        let browser = app.browser();
        let payload = browser.must_register("ada", PASSWORD).await;
        let data = browser
            .query(
                "{ me { id username createdAt }
                   session { id user { id } createdAt authenticatedAt lastSeenAt expiresAt } }",
            )
            .await;
        let now = "2027-01-15T08:00:00+00:00";
        assert_eq!(
            data,
            json!({
                "me": { "id": payload["user"]["id"], "username": "ada", "createdAt": now },
                "session": {
                    "id": payload["session"]["id"], "user": { "id": payload["user"]["id"] }, "createdAt": now,
                    "authenticatedAt": now, "lastSeenAt": now, "expiresAt": "2027-01-22T08:00:00+00:00"
                }
            })
        );
    });
}

#[test]
fn node_returns_the_own_user_and_all_own_sessions() {
    test(async |app| {
        let (one, two) = (app.browser(), app.browser());
        let first = one.must_register("ada", PASSWORD).await;
        let second = two.login("ada", PASSWORD).await;
        for (id, kind) in [
            (&first["user"]["id"], "User"),
            (&first["session"]["id"], "Session"),
            (&second["session"]["id"], "Session"),
        ] {
            let query = "query($id: ID!) { node(id: $id) { id __typename } }";
            let data = one.run(query, json!({ "id": id })).await.data();
            assert_eq!(data["node"], json!({ "id": id, "__typename": kind }));
        }
    });
}

#[test]
fn node_returns_null_for_others_and_for_invalid_ids() {
    test(async |app| {
        let (ada, bob) = (app.browser(), app.browser());
        let theirs = ada.must_register("ada", PASSWORD).await;
        bob.must_register("bob", PASSWORD).await;
        let user = theirs["user"]["id"].as_str().unwrap();
        let session = theirs["session"]["id"].as_str().unwrap();
        let upper = user.to_uppercase();
        let swapped = user.replace("user_", "session_");
        let junk = [
            "",
            "user",
            "user_",
            "1",
            "' OR 1=1 --",
            "\u{0}",
            "session_zzzzzzzzzzzzzzzzzzzzzzzzzz",
            &upper,
            &swapped,
        ];
        for id in junk.iter().chain(&[user, session]) {
            for browser in [&bob, &app.browser()] {
                let query = "query($id: ID!) { node(id: $id) { id } }";
                let data = browser.run(query, json!({ "id": id })).await.data();
                assert_eq!(data["node"], Value::Null, "{id:?}");
            }
        }
    });
}

#[test]
fn node_returns_null_for_an_ended_session() {
    test(async |app| {
        let (one, two) = (app.browser(), app.browser());
        one.must_register("ada", PASSWORD).await;
        app.advance(chrono::TimeDelta::days(6));
        let second = two.login("ada", PASSWORD).await;
        let first = one.query("{ session { id } }").await["session"]["id"].clone();
        app.advance(chrono::TimeDelta::days(6));
        two.me().await;
        app.finish_background_work().await;
        app.advance(chrono::TimeDelta::days(2));
        let query = "query($id: ID!) { node(id: $id) { id } }";
        let data = two.run(query, json!({ "id": first })).await.data();
        assert_eq!(data["node"], Value::Null);
        let data = two
            .run(query, json!({ "id": second["session"]["id"] }))
            .await
            .data();
        assert_eq!(data["node"]["id"], second["session"]["id"]);
    });
}
