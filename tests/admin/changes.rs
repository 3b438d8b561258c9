//! What administrators do to people, and what is told of it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{
    admins::{PASSWORD, admin, admins, change, person},
    codes, test,
};

#[test]
fn an_administrator_disables_and_enables_people_and_it_is_told_who_did_it() {
    test(async |app| {
        let (grace, grace_id) = admin(app, "grace").await;
        let (ada, ada_id) = person(app, "ada").await;
        let disabled = change(&grace, "disableUser", json!({ "id": ada_id })).await;
        assert_eq!(codes(&disabled), [""; 0]);
        assert!(disabled["user"]["disabledAt"].is_string(), "{disabled:#}");
        assert_eq!(ada.me().await, None, "at once");
        let refused = app.browser().login("ada", PASSWORD).await;
        let stranger = app.browser().login("nobody", PASSWORD).await;
        assert_eq!(codes(&refused), ["INVALID_CREDENTIALS"]);
        assert_eq!(refused, stranger);
        let seen = format!("{{ user(id: {ada_id:?}) {{ disabledAt }} }}");
        let seen = grace.query(&seen).await;
        assert_eq!(seen["user"]["disabledAt"], disabled["user"]["disabledAt"]);

        // Events of one millisecond have no order.
        app.advance(TimeDelta::milliseconds(2));
        let enabled = change(&grace, "enableUser", json!({ "id": ada_id })).await;
        assert_eq!(enabled["user"]["disabledAt"], Value::Null);
        assert_eq!(codes(&ada.login("ada", PASSWORD).await), [""; 0]);
        // Once more changes nothing.
        change(&grace, "enableUser", json!({ "id": ada_id })).await;

        let events = ada
            .query("{ me { disabledAt securityEvents { nodes { kind actorId clientAddress userAgent } } } }")
            .await["me"]
            .clone();
        assert_eq!(events["disabledAt"], Value::Null);
        let nodes = events["securityEvents"]["nodes"].as_array().unwrap();
        let by_grace: Vec<_> = nodes
            .iter()
            .filter(|event| event["actorId"] == json!(grace_id))
            .collect();
        let kinds: Vec<_> = by_grace.iter().map(|event| &event["kind"]).collect();
        assert_eq!(kinds, ["USER_ENABLED", "USER_DISABLED"]);
        for event in by_grace {
            // Where administrators sit is none of her business.
            assert_eq!(event["clientAddress"], Value::Null);
            assert_eq!(event["userAgent"], Value::Null);
        }
        let own = nodes
            .iter()
            .find(|event| event["kind"] == "LOGGED_IN")
            .unwrap();
        assert_eq!(own["actorId"], Value::Null);
        assert_eq!(own["clientAddress"], "127.0.0.1");
        // Those who keep the database can see it.
        let kept = "SELECT client_address FROM security_events WHERE kind = 'user_disabled'";
        let kept: Vec<String> = app.database.db_column(kept).await;
        assert_eq!(kept, ["127.0.0.1"]);
    });
}

#[test]
fn roles_are_set_whole_and_their_person_sees_it_at_once() {
    test(async |app| {
        let (grace, _) = admin(app, "grace").await;
        let (ada, ada_id) = person(app, "ada").await;
        let set = async |roles: Value| {
            change(
                &grace,
                "setUserRoles",
                json!({ "id": ada_id, "roles": roles }),
            )
            .await
        };
        let given = set(json!(["editor", "admin", "editor"])).await;
        assert_eq!(given["user"]["roles"], json!(["admin", "editor"]));
        // At once: the first request after the answer.
        let may_administer = async || {
            let reply = ada.run("{ users { nodes { id } } }", json!({})).await;
            reply.json().get("errors").is_none()
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
fn an_administrator_ends_all_sessions_of_a_person() {
    test(async |app| {
        let (grace, grace_id) = admin(app, "grace").await;
        let (ada, ada_id) = person(app, "ada").await;
        let also_ada = app.browser();
        also_ada.login("ada", PASSWORD).await;
        let revoke =
            "mutation($input: RevokeUserSessionsInput!) { revokeUserSessions(input: $input) {
            revokedCount user { username } userErrors { code } } }";
        let revoked = grace
            .run(revoke, json!({ "input": { "id": ada_id } }))
            .await
            .data();
        assert_eq!(
            revoked["revokeUserSessions"],
            json!({ "revokedCount": 2, "user": { "username": "ada" }, "userErrors": [] })
        );
        for browser in [&ada, &also_ada] {
            assert_eq!(browser.me().await, None, "at once");
        }
        assert_eq!(codes(&ada.login("ada", PASSWORD).await), [""; 0]);

        // One's own, too; the browser is told to forget.
        let own = grace
            .run(revoke, json!({ "input": { "id": grace_id } }))
            .await;
        assert_eq!(own.data()["revokeUserSessions"]["revokedCount"], 1);
        assert_eq!(grace.token(), None);
    });
}

#[test]
fn changes_of_people_need_a_recent_proof_and_a_person_who_exists() {
    test(async |app| {
        let (grace, _) = admin(app, "grace").await;
        let (_, ada_id) = person(app, "ada").await;
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
                let payload = change(&grace, field, input(field, id)).await;
                assert_eq!(codes(&payload), ["NOT_FOUND"], "{field} {id}");
                assert_eq!(payload["userErrors"][0]["field"], json!(["id"]));
                assert_eq!(payload["user"], Value::Null);
            }
        }
        app.advance(TimeDelta::minutes(16));
        for field in mutations {
            for id in [ada_id.as_str(), "x"] {
                let payload = change(&grace, field, input(field, id)).await;
                assert_eq!(
                    codes(&payload),
                    ["REAUTHENTICATION_REQUIRED"],
                    "{field} {id}"
                );
            }
        }
        assert_eq!(admins(app).await, ["grace"]);
        let reauthenticate = format!(
            "mutation {{ reauthenticate(input: {{ password: {PASSWORD:?} }}) {{ userErrors {{ code }} }} }}"
        );
        grace.query(&reauthenticate).await;
        for field in mutations {
            let payload = change(&grace, field, input(field, &ada_id)).await;
            assert_eq!(codes(&payload), [""; 0], "{field}");
        }
    });
}
