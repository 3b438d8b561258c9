//! The last administrator cannot lose the role, be disabled or be deleted.

use gatelodge::auth::admin::actor::Actor;
use serde_json::{Value, json};

use crate::harness::{Browser, PASSWORD, assert_no_errors, change_user_document, codes, test};

#[test]
fn the_last_administrator_cannot_lose_the_role() {
    test(async |app| {
        let grace = app.register_admin("grace").await;
        let ada = app.register("ada").await;
        let remove_role = async |browser: &Browser, id: &str| {
            browser
                .change_user("setUserRoles", json!({ "id": id, "roles": ["editor"] }))
                .await
        };
        let assert_refused = async || {
            assert_eq!(codes(&remove_role(&grace, &grace.id).await), ["LAST_ADMIN"]);
            let disabled = grace
                .change_user("disableUser", json!({ "id": grace.id }))
                .await;
            assert_eq!(codes(&disabled), ["LAST_ADMIN"]);
            assert_eq!(disabled["userErrors"][0]["field"], Value::Null);
        };
        assert_refused().await;
        // A disabled administrator does not count.
        app.give_roles(&ada, "admin").await;
        grace
            .change_user("disableUser", json!({ "id": ada.id }))
            .await;
        assert_refused().await;
        grace
            .change_user("enableUser", json!({ "id": ada.id }))
            .await;
        // Additional roles do not matter.
        let more = json!({ "id": grace.id, "roles": ["admin", "editor"] });
        assert_no_errors(&grace.change_user("setUserRoles", more).await);

        let disabled = grace
            .change_user("disableUser", json!({ "id": grace.id }))
            .await;
        assert_no_errors(&disabled);
        assert_eq!(grace.token(), None, "the cookie is cleared");
        ada.login("ada", PASSWORD).await;
        assert_eq!(codes(&remove_role(&ada, &ada.id).await), ["LAST_ADMIN"]);
        assert_eq!(app.admin_names().await, ["ada"]);
    });
}

#[test]
fn two_racing_administrators_never_remove_the_last_one() {
    test(async |app| {
        let other_node = Box::pin(app.another_node(|_| {})).await;
        let grace = app.register_admin("grace").await;
        let ada = app.register_admin("ada").await;
        let ada_elsewhere = ada.at(other_node.public);
        let no_roles = |id: &str| json!({ "input": { "id": id, "roles": [] } });
        let this = |id: &str| json!({ "input": { "id": id } });
        let set = "setUserRoles";
        let disable = "disableUser";
        for round in 0..24 {
            for (browser, name) in [(&*grace, "grace"), (&ada_elsewhere, "ada")] {
                // A user who was disabled in the round before logs in again.
                if browser.me().await.is_none() {
                    browser.login(name, PASSWORD).await;
                }
            }
            // Each one removes either their own role or the role of the other.
            let (left, right) = match round % 4 {
                0 => ((set, no_roles(&grace.id)), (set, no_roles(&ada.id))),
                1 => ((set, no_roles(&ada.id)), (set, no_roles(&grace.id))),
                2 => ((disable, this(&ada.id)), (disable, this(&grace.id))),
                _ => ((disable, this(&grace.id)), (set, no_roles(&ada.id))),
            };
            let (first, second) = (change_user_document(left.0), change_user_document(right.0));
            let replies = tokio::join!(
                grace.run(&first, left.1),
                ada_elsewhere.run(&second, right.1)
            );
            let done = [(&replies.0, left.0), (&replies.1, right.0)].map(|(reply, field)| {
                let json = reply.json();
                if reply.has_errors() {
                    // The other request was first: the caller has lost the role, or even the session.
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
            assert_eq!(app.admin_names().await.len(), 1, "{round}");
            for user in [&grace, &ada] {
                app.give_roles(user, "admin").await;
                let enabled = app
                    .auth
                    .enable_user(&Actor::OPERATOR, user.id.parse().ok())
                    .await;
                assert!(enabled.is_ok());
            }
        }
        other_node.stop().await;
    });
}
