//! What administrators can change about users, and which events that records.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{PASSWORD, assert_no_errors, codes, test};

#[test]
fn an_administrator_disables_and_enables_users_and_the_events_name_the_administrator() {
    test(async |app| {
        let grace = app.register_admin("grace").await;
        let ada = app.register("ada").await;
        let disabled = grace
            .change_user("disableUser", json!({ "id": ada.id }))
            .await;
        assert_no_errors(&disabled);
        assert!(disabled["user"]["disabledAt"].is_string(), "{disabled:#}");
        assert_eq!(ada.me().await, None, "at once");
        let refused = app.browser().login("ada", PASSWORD).await;
        let stranger = app.browser().login("nobody", PASSWORD).await;
        assert_eq!(codes(&refused), ["INVALID_CREDENTIALS"]);
        assert_eq!(refused, stranger);
        let seen = format!("{{ user(id: {:?}) {{ disabledAt }} }}", ada.id);
        let seen = grace.query(&seen).await;
        assert_eq!(seen["user"]["disabledAt"], disabled["user"]["disabledAt"]);

        // Events of the same millisecond have no order.
        app.advance(TimeDelta::milliseconds(2));
        let enabled = grace
            .change_user("enableUser", json!({ "id": ada.id }))
            .await;
        assert_eq!(enabled["user"]["disabledAt"], Value::Null);
        assert_no_errors(&ada.login("ada", PASSWORD).await);
        // A second call changes nothing.
        grace
            .change_user("enableUser", json!({ "id": ada.id }))
            .await;

        let events = ada
            .query("{ me { disabledAt securityEvents { nodes { kind actorId clientAddress userAgent } } } }")
            .await["me"]
            .clone();
        assert_eq!(events["disabledAt"], Value::Null);
        let nodes = events["securityEvents"]["nodes"].as_array().unwrap();
        let by_grace: Vec<_> = nodes
            .iter()
            .filter(|event| event["actorId"] == json!(grace.id))
            .collect();
        let kinds: Vec<_> = by_grace.iter().map(|event| &event["kind"]).collect();
        assert_eq!(kinds, ["USER_ENABLED", "USER_DISABLED"]);
        for event in by_grace {
            // The user does not see the address of the administrator.
            assert_eq!(event["clientAddress"], Value::Null);
            assert_eq!(event["userAgent"], Value::Null);
        }
        let own = nodes
            .iter()
            .find(|event| event["kind"] == "LOGGED_IN")
            .unwrap();
        assert_eq!(own["actorId"], Value::Null);
        assert_eq!(own["clientAddress"], "127.0.0.1");
        // The operator of the database can see it.
        let kept = "SELECT client_address FROM security_events WHERE kind = 'user_disabled'";
        let kept: Vec<String> = app.database.db_column(kept).await;
        assert_eq!(kept, ["127.0.0.1"]);
    });
}

#[test]
fn roles_are_replaced_as_a_whole_and_the_user_sees_it_at_once() {
    test(async |app| {
        let grace = app.register_admin("grace").await;
        let ada = app.register("ada").await;
        let set = async |roles: Value| {
            grace
                .change_user("setUserRoles", json!({ "id": ada.id, "roles": roles }))
                .await
        };
        let given = set(json!(["editor", "admin", "editor"])).await;
        assert_eq!(given["user"]["roles"], json!(["admin", "editor"]));
        // At once: in the first request after the answer.
        let may_administer = async || {
            let reply = ada.run("{ users { nodes { id } } }", json!({})).await;
            !reply.has_errors()
        };
        assert!(may_administer().await);
        let taken = set(json!(["editor"])).await;
        assert_eq!(taken["user"]["roles"], json!(["editor"]));
        assert!(!may_administer().await);
        for (roles, code) in [
            (json!(["a b"]), "ROLE_INVALID"),
            (json!([""]), "ROLE_INVALID"),
            (json!(["x".repeat(65)]), "ROLE_INVALID"),
            (
                json!((0..16).map(|n| format!("r{n}")).collect::<Vec<_>>()),
                "TOO_MANY_ROLES",
            ),
        ] {
            let refused = set(roles.clone()).await;
            assert_eq!(codes(&refused), [code], "{roles}");
            assert_eq!(refused["userErrors"][0]["field"], json!(["roles"]));
        }
        let me = ada.query("{ me { roles } }").await;
        assert_eq!(me["me"]["roles"], json!(["editor"]));
        let sql = "SELECT COUNT(*) FROM security_events WHERE kind = 'roles_changed' AND actor_id IS NOT NULL";
        let changes: Vec<i64> = app.database.db_column(sql).await;
        assert_eq!(changes, [2]);
    });
}

#[test]
fn an_administrator_ends_all_sessions_of_a_user() {
    test(async |app| {
        let grace = app.register_admin("grace").await;
        let ada = app.register("ada").await;
        let also_ada = app.log_in("ada").await;
        let revoke =
            "mutation($input: RevokeUserSessionsInput!) { revokeUserSessions(input: $input) {
            revokedCount user { username } userErrors { code } } }";
        let revoked = grace
            .run(revoke, json!({ "input": { "id": ada.id } }))
            .await
            .data();
        assert_eq!(
            revoked["revokeUserSessions"],
            json!({ "revokedCount": 2, "user": { "username": "ada" }, "userErrors": [] })
        );
        for browser in [&*ada, &also_ada] {
            assert_eq!(browser.me().await, None, "at once");
        }
        assert_no_errors(&ada.login("ada", PASSWORD).await);

        // The administrator's own sessions end, too, and the cookie is cleared.
        let own = grace
            .run(revoke, json!({ "input": { "id": grace.id } }))
            .await;
        assert_eq!(own.data()["revokeUserSessions"]["revokedCount"], 1);
        assert_eq!(grace.token(), None);
    });
}

#[test]
fn changes_of_users_need_a_recent_password_check_and_an_existing_user() {
    test(async |app| {
        let grace = app.register_admin("grace").await;
        let ada = app.register("ada").await;
        let mutations = [
            "disableUser",
            "enableUser",
            "setUserRoles",
            "revokeUserSessions",
        ];
        let input = |field: &str, id: &str| match field {
            "setUserRoles" => json!({ "id": id, "roles": ["admin"] }),
            _ => json!({ "id": id }),
        };
        for field in mutations {
            for id in [
                "",
                "x",
                "session_01m86rvxm8fg0s87yjm39r3bgb",
                "user_01m86rvxm8fg0s87yjm39r3bgb",
            ] {
                let payload = grace.change_user(field, input(field, id)).await;
                assert_eq!(codes(&payload), ["NOT_FOUND"], "{field} {id}");
                assert_eq!(payload["userErrors"][0]["field"], json!(["id"]));
                assert_eq!(payload["user"], Value::Null);
            }
        }
        app.advance(TimeDelta::minutes(16));
        for field in mutations {
            for id in [ada.id.as_str(), "x"] {
                let payload = grace.change_user(field, input(field, id)).await;
                assert_eq!(
                    codes(&payload),
                    ["REAUTHENTICATION_REQUIRED"],
                    "{field} {id}"
                );
            }
        }
        assert_eq!(app.admin_names().await, ["grace"]);
        let reauthenticate = format!(
            "mutation {{ reauthenticate(input: {{ password: {PASSWORD:?} }}) {{ userErrors {{ code }} }} }}"
        );
        grace.query(&reauthenticate).await;
        for field in mutations {
            let payload = grace.change_user(field, input(field, &ada.id)).await;
            assert_no_errors(&payload);
        }
    });
}
