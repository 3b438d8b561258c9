//! `me`, `session` and `node`: what a person may know of themselves.

use serde_json::{Value, json};

use crate::harness::test;

const PASSWORD: &str = "correct horse";

#[test]
fn nobody_is_nobody_and_no_error() {
    test(async |app| {
        let data = app
            .browser()
            .query("{ me { id } session { id } node(id: \"user_1\") { id } }")
            .await;
        assert_eq!(data, json!({ "me": null, "session": null, "node": null }));
    });
}

#[test]
fn a_person_sees_themselves_and_their_session() {
    test(async |app| {
        let browser = app.browser();
        let payload = browser.registered("ada", PASSWORD).await;
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
fn node_knows_oneself_and_all_ones_own_sessions() {
    test(async |app| {
        let (one, two) = (app.browser(), app.browser());
        let first = one.registered("ada", PASSWORD).await;
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
fn node_knows_nothing_of_others_and_nothing_of_junk() {
    test(async |app| {
        let (ada, bob) = (app.browser(), app.browser());
        let theirs = ada.registered("ada", PASSWORD).await;
        bob.registered("bob", PASSWORD).await;
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
fn node_does_not_know_a_session_that_has_ended() {
    test(async |app| {
        let (one, two) = (app.browser(), app.browser());
        one.registered("ada", PASSWORD).await;
        app.advance(chrono::TimeDelta::days(6));
        let second = two.login("ada", PASSWORD).await;
        let first = one.query("{ session { id } }").await["session"]["id"].clone();
        app.advance(chrono::TimeDelta::days(6));
        two.me().await;
        app.at_rest().await;
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
