//! Somebody is left who may administer people.

use gatelodge::auth::admin::actor::Actor;
use serde_json::{Value, json};

use crate::harness::{
    Browser,
    admins::{PASSWORD, admin, admins, change, document, give, person},
    codes, test,
};

#[test]
fn the_last_administrator_stays_one() {
    test(async |app| {
        let (grace, grace_id) = admin(app, "grace").await;
        let (ada, ada_id) = person(app, "ada").await;
        let takes_role = async |browser: &Browser, id: &str| {
            change(
                browser,
                "setUserRoles",
                json!({ "id": id, "roles": ["editor"] }),
            )
            .await
        };
        let is_refused = async || {
            assert_eq!(codes(&takes_role(&grace, &grace_id).await), ["LAST_ADMIN"]);
            let disabled = change(&grace, "disableUser", json!({ "id": grace_id })).await;
            assert_eq!(codes(&disabled), ["LAST_ADMIN"]);
            assert_eq!(disabled["userErrors"][0]["field"], Value::Null);
        };
        is_refused().await;
        // One who may not log in is none.
        give(app, &ada_id, "admin").await;
        change(&grace, "disableUser", json!({ "id": ada_id })).await;
        is_refused().await;
        change(&grace, "enableUser", json!({ "id": ada_id })).await;
        // More roles beside it are no danger.
        let more = json!({ "id": grace_id, "roles": ["admin", "editor"] });
        assert_eq!(codes(&change(&grace, "setUserRoles", more).await), [""; 0]);

        let disabled = change(&grace, "disableUser", json!({ "id": grace_id })).await;
        assert_eq!(codes(&disabled), [""; 0]);
        assert_eq!(grace.token(), None, "the browser is told to forget");
        ada.login("ada", PASSWORD).await;
        assert_eq!(codes(&takes_role(&ada, &ada_id).await), ["LAST_ADMIN"]);
        assert_eq!(admins(app).await, ["ada"]);
    });
}

#[test]
fn of_the_last_two_administrators_one_is_left_however_they_race() {
    test(async |app| {
        let other_node = Box::pin(app.another_node(|_| {})).await;
        let (grace, grace_id) = admin(app, "grace").await;
        let (ada, ada_id) = admin(app, "ada").await;
        let ada = ada.at(other_node.public);
        let no_roles = |id: &str| json!({ "input": { "id": id, "roles": [] } });
        let this = |id: &str| json!({ "input": { "id": id } });
        let set = "setUserRoles";
        let disable = "disableUser";
        for round in 0..24 {
            for (browser, name) in [(&grace, "grace"), (&ada, "ada")] {
                // Who was disabled in the round before logs in anew.
                if browser.me().await.is_none() {
                    browser.login(name, PASSWORD).await;
                }
            }
            // Each gives up their own role, or takes the other's.
            let (left, right) = match round % 4 {
                0 => ((set, no_roles(&grace_id)), (set, no_roles(&ada_id))),
                1 => ((set, no_roles(&ada_id)), (set, no_roles(&grace_id))),
                2 => ((disable, this(&ada_id)), (disable, this(&grace_id))),
                _ => ((disable, this(&grace_id)), (set, no_roles(&ada_id))),
            };
            let (first, second) = (document(left.0), document(right.0));
            let replies = tokio::join!(grace.run(&first, left.1), ada.run(&second, right.1));
            let done = [(&replies.0, left.0), (&replies.1, right.0)].map(|(reply, field)| {
                let json = reply.json();
                if json.get("errors").is_some() {
                    // The other was faster: no administrator any more, or not even signed in.
                    assert!(
                        ["FORBIDDEN", "UNAUTHENTICATED"].contains(&reply.code().as_str()),
                        "{round}: {reply:?}"
                    );
                    return false;
                }
                let payload = json["data"][field].clone();
                let codes = codes(&payload);
                assert!(
                    codes.is_empty() || codes == ["LAST_ADMIN"],
                    "{round}: {json:#}"
                );
                codes.is_empty()
            });
            assert_eq!(
                done.iter().filter(|done| **done).count(),
                1,
                "{round}: {done:?}"
            );
            assert_eq!(admins(app).await.len(), 1, "{round}");
            for id in [&grace_id, &ada_id] {
                give(app, id, "admin").await;
                let enabled = app
                    .auth
                    .enable_user(&Actor::OPERATOR, id.parse().ok())
                    .await;
                assert!(enabled.is_ok());
            }
        }
        other_node.stop().await;
    });
}
