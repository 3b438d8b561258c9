//! Administration by GraphQL: for people with the role `admin`, and for nobody else.

use std::fmt::Write as _;

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, InputObjectType, ObjectType, Type, TypeKind, TypeSystemDefinition},
};
use chrono::TimeDelta;
use gatelodge::{auth::admins::Actor, domain::role::Roles};
use serde_json::{Value, json};

use crate::harness::{Browser, TestApp, codes, eventually, test};

const PASSWORD: &str = "correct horse";

/// Root fields that are for everybody, or for everybody who is signed in. All others are administrators'.
const OPEN: &[&str] = &[
    "me",
    "session",
    "node",
    "authSettings",
    "register",
    "login",
    "logout",
    "reauthenticate",
    "changePassword",
    "changeUsername",
    "deleteUser",
    "revokeSession",
    "revokeOtherSessions",
];

/// Registers somebody; their browser and their id.
async fn person(app: &TestApp, name: &str) -> (Browser, String) {
    let browser = app.browser();
    let payload = browser.registered(name, PASSWORD).await;
    (browser, payload["user"]["id"].as_str().unwrap().to_owned())
}

/// Gives a person roles, as the command line does.
async fn give(app: &TestApp, id: &str, roles: &str) {
    let roles = Roles::read(roles);
    let set = app
        .auth
        .set_user_roles(&Actor::OPERATOR, id.parse().ok(), |_| Ok(roles));
    assert!(matches!(set.await, Ok(gatelodge::auth::Outcome::Done(_))));
}

/// Registers an administrator.
async fn admin(app: &TestApp, name: &str) -> (Browser, String) {
    let (browser, id) = person(app, name).await;
    give(app, &id, "admin").await;
    (browser, id)
}

/// Runs a mutation on a person; its payload.
async fn change(browser: &Browser, field: &str, input: Value) -> Value {
    let reply = browser
        .run(&document(field), json!({ "input": input }))
        .await;
    reply.data()[field].clone()
}

fn document(field: &str) -> String {
    let input = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
    format!(
        "mutation($input: {input}!) {{ {field}(input: $input) {{
            user {{ id username roles disabledAt }} userErrors {{ code field message }} }} }}"
    )
}

/// Who is an administrator, as the database has it.
async fn admins(app: &TestApp) -> Vec<String> {
    let sql = "SELECT username FROM users WHERE roles LIKE '% admin %' AND disabled_at IS NULL ORDER BY username";
    app.database.db_column(sql).await
}

/// A document for every root field that is not open: generated, so that a new one cannot be forgotten.
fn documents_for_administrators(id: &str) -> Vec<(String, String)> {
    let schema = parse_schema(gatelodge::graphql::sdl()).unwrap();
    let types: Vec<_> = schema
        .definitions
        .iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some(&definition.node),
            _ => None,
        })
        .collect();
    let mut documents = vec![];
    for (root, keyword) in [("Query", "query"), ("Mutation", "mutation")] {
        let root = types.iter().find(|kind| kind.name.node == root).unwrap();
        let TypeKind::Object(ObjectType { fields, .. }) = &root.kind else {
            panic!("a root is an object");
        };
        for field in fields {
            let field = &field.node;
            let name = field.name.node.to_string();
            if OPEN.contains(&name.as_str()) {
                continue;
            }
            let mut arguments = String::new();
            for argument in &field.arguments {
                let argument = &argument.node;
                if !argument.ty.node.nullable {
                    let value = value(&argument.ty.node, &types, id);
                    write!(arguments, "{}: {value} ", argument.name.node).unwrap();
                }
            }
            if !arguments.is_empty() {
                arguments = format!("({arguments})");
            }
            let document = format!("{keyword} {{ {name}{arguments} {{ __typename }} }}");
            documents.push((name, document));
        }
    }
    documents
}

/// A value of a type, with just what must be there.
fn value(kind: &Type, types: &[&async_graphql::parser::types::TypeDefinition], id: &str) -> String {
    let BaseType::Named(name) = &kind.base else {
        return "[]".to_owned();
    };
    match name.as_str() {
        "ID" => format!("{id:?}"),
        "String" => "\"x\"".to_owned(),
        "Int" => "1".to_owned(),
        "Boolean" => "true".to_owned(),
        name => {
            let input = types.iter().find(|kind| kind.name.node == name).unwrap();
            let TypeKind::InputObject(InputObjectType { fields }) = &input.kind else {
                panic!("{name}: the test has no value for it");
            };
            let fields = fields.iter().map(|field| &field.node);
            let fields: String = fields
                .filter(|field| !field.ty.node.nullable)
                .map(|field| {
                    let value = value(&field.ty.node, types, id);
                    format!("{}: {value} ", field.name.node)
                })
                .collect();
            format!("{{{fields}}}")
        }
    }
}

#[test]
fn what_is_for_administrators_is_forbidden_to_everybody_else_and_tells_nothing() {
    test(async |app| {
        let (_, target) = admin(app, "grace").await;
        let (ada, _) = person(app, "ada").await;
        let known = documents_for_administrators(&target);
        let unknown = documents_for_administrators("user_01m86rvxm8fg0s87yjm39r3bgb");
        assert!(known.len() >= 6, "{known:?}");
        for ((name, known), (_, unknown)) in known.iter().zip(&unknown) {
            let stranger = app.browser().run(known, json!({})).await;
            assert_eq!(stranger.code(), "UNAUTHENTICATED", "{name}");
            let reply = ada.run(known, json!({})).await;
            assert_eq!(
                reply.code(),
                "FORBIDDEN",
                "{name} is for everybody and belongs to OPEN here, or it is administrators': {reply:?}"
            );
            let other = ada.run(unknown, json!({})).await;
            assert_eq!(reply.text, other.text, "{name} tells who exists");
        }
        // Nothing was done, and other roles are no power.
        for roles in ["staff superuser", "administrator", "x:admin"] {
            give(app, ada_id(&ada).await.as_str(), roles).await;
            eventually("the roles are seen", async || {
                let me = ada.query("{ me { roles } }").await;
                me["me"]["roles"].as_array().unwrap().len() == roles.split(' ').count()
            })
            .await;
            for (name, document) in &known {
                let reply = ada.run(document, json!({})).await;
                assert_eq!(reply.code(), "FORBIDDEN", "{name} with {roles}");
            }
        }
        assert_eq!(admins(app).await, ["grace"]);
        let again = app.browser().login("grace", PASSWORD).await;
        assert_eq!(codes(&again), [""; 0]);
    });
}

async fn ada_id(browser: &Browser) -> String {
    let me = browser.query("{ me { id } }").await;
    me["me"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn an_administrator_finds_people_by_pages_beginnings_names_and_ids() {
    test(async |app| {
        let (grace, _) = admin(app, "Grace").await;
        let mut ids = vec![];
        for name in ["Anna_b", "annaxb", "an%", "ånna"] {
            // People of one millisecond have no order.
            app.advance(TimeDelta::milliseconds(2));
            ids.push(person(app, name).await.1);
        }
        let users = async |arguments: &str| {
            let query = format!(
                "{{ users{arguments} {{ nodes {{ username }} pageInfo {{ hasNextPage endCursor }} }} }}"
            );
            let users = grace.query(&query).await["users"].clone();
            let nodes = users["nodes"].as_array().unwrap();
            let names: Vec<_> = nodes
                .iter()
                .map(|node| node["username"].as_str().unwrap().to_owned())
                .collect();
            (names, users["pageInfo"].clone())
        };
        let (all, page) = users("").await;
        assert_eq!(all, ["ånna", "an%", "annaxb", "Anna_b", "Grace"]);
        assert_eq!(page["hasNextPage"], false);
        let (first, page) = users("(first: 2, search: \"AN\")").await;
        assert_eq!(first, ["an%", "annaxb"]);
        assert_eq!(page["hasNextPage"], true);
        let after = page["endCursor"].as_str().unwrap();
        let (next, page) = users(&format!("(after: \"{after}\", search: \"an\")")).await;
        assert_eq!(next, ["Anna_b"]);
        assert_eq!(page["hasNextPage"], false);
        for (search, found) in [
            ("anna_", &["Anna_b"][..]),
            ("an%", &["an%"]),
            ("an!", &[]),
            ("Å", &["ånna"]),
            ("a b", &[]),
            ("nobody", &[]),
            (&"a".repeat(500), &[]),
            ("", &["ånna", "an%", "annaxb", "Anna_b", "Grace"]),
        ] {
            assert_eq!(
                users(&format!("(search: {search:?})")).await.0,
                found,
                "{search}"
            );
        }
        let reply = grace
            .run("{ users(after: \"x\") { nodes { id } } }", json!({}))
            .await;
        assert_eq!(reply.code(), "BAD_USER_INPUT");

        let user = async |arguments: &str| {
            let query = format!("{{ user{arguments} {{ username }} }}");
            grace.run(&query, json!({})).await
        };
        let by_id = format!("(id: {:?})", ids[0]);
        for (arguments, found) in [
            (by_id.as_str(), json!("Anna_b")),
            ("(username: \"ANNA_B\")", json!("Anna_b")),
            ("(username: \"anna\")", Value::Null),
            ("(username: \"a b\")", Value::Null),
            ("(id: \"user_01m86rvxm8fg0s87yjm39r3bgb\")", Value::Null),
            ("(id: \"x\")", Value::Null),
        ] {
            let data = user(arguments).await.data();
            assert_eq!(data["user"]["username"], found, "{arguments}");
        }
        for arguments in ["", "(id: \"x\", username: \"y\")"] {
            assert_eq!(
                user(arguments).await.code(),
                "BAD_USER_INPUT",
                "{arguments}"
            );
        }
        // What `node` tells stays one's own.
        let node = format!("{{ node(id: {:?}) {{ id }} }}", ids[0]);
        assert_eq!(grace.query(&node).await["node"], Value::Null);
        for own in ["sessions", "securityEvents"] {
            let query = format!("{{ user{by_id} {{ {own} {{ nodes {{ id }} }} }} }}");
            assert_eq!(
                grace.run(&query, json!({})).await.code(),
                "FORBIDDEN",
                "{own}"
            );
        }
    });
}

#[test]
fn an_administrator_disables_and_enables_people_and_it_is_told_who_did_it() {
    test(async |app| {
        let (grace, grace_id) = admin(app, "grace").await;
        let (ada, ada_id) = person(app, "ada").await;
        let disabled = change(&grace, "disableUser", json!({ "id": ada_id })).await;
        assert_eq!(codes(&disabled), [""; 0]);
        assert!(disabled["user"]["disabledAt"].is_string(), "{disabled:#}");
        eventually("the cookie is dead", async || ada.me().await.is_none()).await;
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
        eventually("she may administer", async || {
            let reply = ada.run("{ users { nodes { id } } }", json!({})).await;
            reply.json().get("errors").is_none()
        })
        .await;
        let taken = set(json!(["editor"])).await;
        assert_eq!(taken["user"]["roles"], json!(["editor"]));
        eventually("she may not administer", async || {
            let reply = ada.run("{ users { nodes { id } } }", json!({})).await;
            reply.json().get("errors").is_some()
        })
        .await;
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
            eventually("the cookie is dead", async || browser.me().await.is_none()).await;
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
