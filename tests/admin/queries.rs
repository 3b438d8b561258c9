//! Administration by GraphQL is for users with the role `admin` alone; these tests also cover finding users.

use std::fmt::Write as _;

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, InputObjectType, ObjectType, Type, TypeKind, TypeSystemDefinition},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{PASSWORD, assert_no_errors, eventually, test};

/// Root fields that are open to everybody or to every signed-in user. All others are for administrators.
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

/// Generates a document for every root field that is not open, so that a new field cannot be forgotten.
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

/// Returns a value of a type, with its required fields only.
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
fn fields_for_administrators_are_forbidden_to_everybody_else_and_reveal_nothing() {
    test(async |app| {
        let target = app.register_admin("grace").await;
        let ada = app.register("ada").await;
        let known = documents_for_administrators(&target.id);
        let unknown = documents_for_administrators("user_01m86rvxm8fg0s87yjm39r3bgb");
        assert!(known.len() >= 6, "{known:?}");
        for ((name, known), (_, unknown)) in known.iter().zip(&unknown) {
            let stranger = app.browser().run(known, json!({})).await;
            assert_eq!(stranger.code(), "UNAUTHENTICATED", "{name}");
            let reply = ada.run(known, json!({})).await;
            assert_eq!(
                reply.code(),
                "FORBIDDEN",
                "add {name} to OPEN, or restrict it to administrators: {reply:?}"
            );
            let other = ada.run(unknown, json!({})).await;
            assert_eq!(
                reply.text, other.text,
                "{name} reveals whether the user exists"
            );
        }
        // Nothing has changed, and other roles give no rights.
        for roles in ["staff superuser", "administrator", "x:admin"] {
            app.give_roles(&ada, roles).await;
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
        assert_eq!(app.admin_names().await, ["grace"]);
        let again = app.browser().login("grace", PASSWORD).await;
        assert_no_errors(&again);
    });
}

#[test]
fn an_administrator_finds_users_by_page_prefix_name_and_id() {
    test(async |app| {
        let grace = app.register_admin("Grace").await;
        let mut ids = vec![];
        for name in ["Anna_b", "annaxb", "an%", "ånna"] {
            // Users of the same millisecond have no order.
            app.advance(TimeDelta::milliseconds(2));
            ids.push(app.register(name).await.id);
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
        // `node` still returns own objects only.
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
