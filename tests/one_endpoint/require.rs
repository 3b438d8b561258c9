//! Who may use the service: `require` decides before it is asked.

use std::sync::Arc;

use gatelodge::config::{
    Config,
    values::requirement::{Requirement, Requirements},
};
use serde_json::{Value, json};

use super::{
    SCHEMA, TASKS, ask, codes_at, graphql, spawn, tasks, use_schema, with_service, with_tasks,
    with_tasks_on_every_database,
};

fn require(requirement: &str) -> impl Fn(&mut Config) {
    let requirement: Requirement = requirement.parse().unwrap();
    move |config: &mut Config| {
        config.upstream.as_mut().unwrap().require = Requirements::new(vec![requirement.clone()]);
    }
}

const TWO: &str = "query {\n  tasks { id }\n  b: task(id: 1) { id }\n}";

#[test]
fn a_stranger_gets_an_error_for_each_root_field_and_the_service_is_not_asked() {
    with_tasks(tasks, async |app, upstream| {
        let stranger = app.browser();
        for accept in ["application/json", "application/graphql-response+json"] {
            let reply = stranger
                .post_with(&[("accept", accept)], &json!({ "query": TWO }))
                .await;
            assert_eq!(reply.status, 200);
            let json = reply.json();
            assert_eq!(json["data"], Value::Null);
            assert!(json.as_object().unwrap().contains_key("data"));
            assert_eq!(
                codes_at(&reply),
                [
                    (json!(["tasks"]), json!("UNAUTHENTICATED")),
                    (json!(["b"]), json!("UNAUTHENTICATED"))
                ]
            );
            assert_eq!(
                json["errors"][0]["locations"],
                json!([{ "line": 2, "column": 3 }])
            );
            assert_eq!(
                json["errors"][1]["locations"],
                json!([{ "line": 3, "column": 3 }])
            );
            assert!(json["extensions"]["identity"].is_string(), "{json}");
        }
        let mutation = "mutation { removeTask(id: 1) }";
        assert_eq!(
            codes_at(&ask(&stranger, mutation).await),
            [(json!(["removeTask"]), json!("UNAUTHENTICATED"))]
        );
        assert_eq!(upstream.queries(), [""; 0]);
    });
}

#[test]
fn a_cookie_that_is_not_a_session_is_a_strangers() {
    with_tasks(tasks, async |app, upstream| {
        let browser = app.browser();
        for token in ["x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            browser.set_token(token);
            assert_eq!(
                ask(&browser, "{ tasks { id } }").await.code(),
                "UNAUTHENTICATED"
            );
        }
        assert_eq!(upstream.queries(), [""; 0]);
    });
}

#[test]
fn a_session_that_ended_reaches_the_service_no_more() {
    with_tasks_on_every_database(
        |_| {},
        tasks,
        async |app, upstream| {
            let ada = app.register("ada").await;
            let other = app.log_in("ada").await;
            ask(&ada, "{ tasks { id } }").await.data();
            ask(&other, "{ tasks { id } }").await.data();
            let token = ada.token().unwrap();
            assert!(ada.logout().await);
            ada.set_token(&token);
            assert_eq!(
                ask(&ada, "{ tasks { id } }").await.code(),
                "UNAUTHENTICATED"
            );
            let both = ask(&ada, "{ me { id } tasks { id } }").await;
            assert_eq!(
                codes_at(&both),
                [(json!(["tasks"]), json!("UNAUTHENTICATED"))]
            );
            assert_eq!(upstream.asked().len(), 2);
            ask(&other, "{ tasks { id } }").await.data();
        },
    );
}

#[test]
fn a_user_without_the_role_is_forbidden_until_they_have_it() {
    with_tasks_on_every_database(require("role:editor"), tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let reply = ask(&ada, "{ tasks { id } n: number }").await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.json()["data"], Value::Null);
        assert_eq!(
            codes_at(&reply),
            [
                (json!(["tasks"]), json!("FORBIDDEN")),
                (json!(["n"]), json!("FORBIDDEN"))
            ]
        );
        let reply = ask(&ada, "{ me { username nickname } tasks { id } }").await;
        assert_eq!(
            reply.json()["data"],
            json!({ "me": { "username": "ada", "nickname": null }, "tasks": null })
        );
        let codes = codes_at(&reply);
        assert!(
            codes.contains(&(json!(["tasks"]), json!("FORBIDDEN"))),
            "{codes:?}"
        );
        assert!(
            codes.contains(&(json!(["me", "nickname"]), json!("FORBIDDEN"))),
            "{codes:?}"
        );
        assert_eq!(upstream.queries(), [""; 0]);
        assert_eq!(
            codes_at(&ask(&app.browser(), "{ tasks { id } }").await),
            [(json!(["tasks"]), json!("UNAUTHENTICATED"))]
        );

        app.give_roles(&ada, "editor").await;
        assert_eq!(
            ask(&ada, "{ tasks { id } }").await.data(),
            json!({ "tasks": [{ "id": "task_1" }] })
        );
        app.give_roles(&ada, "").await;
        assert_eq!(ask(&ada, "{ tasks { id } }").await.code(), "FORBIDDEN");
        assert_eq!(upstream.asked().len(), 1);
    });
}

#[test]
fn with_nothing_required_a_stranger_passes_without_a_token() {
    let open = |config: &mut Config| {
        use_schema(config, SCHEMA);
        require("none")(config);
    };
    with_service(open, tasks, async |app, upstream| {
        let stranger = app.browser();
        let reply = stranger
            .post_with(
                &[
                    ("authorization", "Bearer forged"),
                    ("gatelodge-user-id", "user_1"),
                ],
                &json!({ "query": "{ tasks { id } me { id } }" }),
            )
            .await;
        assert_eq!(
            reply.data(),
            json!({ "tasks": [{ "id": "task_1" }], "me": null })
        );
        let asked = upstream.only();
        assert_eq!(asked.headers("authorization"), [""; 0]);
        assert_eq!(asked.headers("gatelodge-user-id"), [""; 0]);

        let ada = app.register("ada").await;
        ask(&ada, "{ tasks { id } }").await.data();
        assert_eq!(upstream.asked()[1].headers("authorization").len(), 1);
    });
}

#[test]
fn a_strangers_split_query_has_our_data_where_the_services_may_be_null() {
    with_tasks(tasks, async |app, upstream| {
        let stranger = app.browser();
        let reply = ask(
            &stranger,
            "{ authSettings { registrationOpen } tasks { id } }",
        )
        .await;
        assert_eq!(reply.status, 200);
        assert_eq!(
            reply.json()["data"],
            json!({ "authSettings": { "registrationOpen": true }, "tasks": null })
        );
        assert_eq!(
            codes_at(&reply),
            [(json!(["tasks"]), json!("UNAUTHENTICATED"))]
        );

        let reply = ask(&stranger, "{ authSettings { registrationOpen } taskCount }").await;
        assert_eq!(
            reply.json()["data"],
            Value::Null,
            "taskCount may not be null"
        );
        assert_eq!(
            codes_at(&reply),
            [(json!(["taskCount"]), json!("UNAUTHENTICATED"))]
        );
        assert_eq!(upstream.queries(), [""; 0]);
    });
}

#[test]
fn a_strangers_split_query_has_no_data_while_the_schema_is_not_known() {
    let answer = |asked: &super::Asked| {
        if asked.is_for_schema() {
            super::Answer::Silence
        } else {
            graphql(TASKS)
        }
    };
    with_service(
        |_| {},
        answer,
        async |app, upstream| {
            let reply = ask(
                &app.browser(),
                "{ authSettings { registrationOpen } tasks { id } }",
            )
            .await;
            assert_eq!(reply.json()["data"], Value::Null);
            assert_eq!(
                codes_at(&reply),
                [(json!(["tasks"]), json!("UNAUTHENTICATED"))]
            );
            assert_eq!(upstream.queries(), [""; 0]);
        },
    );
}

#[test]
fn a_field_that_is_skipped_needs_no_session() {
    with_tasks(tasks, async |app, upstream| {
        let stranger = app.browser();
        for query in [
            "query($no: Boolean!) { tasks @include(if: $no) { id } }",
            "query($no: Boolean!) { me { id } ... @include(if: $no) { tasks { id } } }",
            "query($no: Boolean!) { ...F } fragment F on Query { tasks @include(if: $no) { id } taskCount @skip(if: true) }",
            "mutation($no: Boolean!) { removeTask(id: 1) @include(if: $no) }",
        ] {
            let reply = stranger.run(query, json!({ "no": false })).await;
            assert!(reply.data().get("tasks").is_none(), "{}", reply.text);
        }
        assert_eq!(upstream.queries(), [""; 0]);
    });
}

#[test]
fn another_audience_than_forward_auths_is_in_the_token() {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    crate::harness::on_sqlite(async |database| {
        let upstream = super::FakeUpstream::start(Arc::new(tasks)).await;
        let app = spawn(database, &upstream, |config: &mut Config| {
            use_schema(config, SCHEMA);
            config.upstream.as_mut().unwrap().audience = Some("tasks".to_owned());
        })
        .await;
        let ada = app.register("ada").await;
        ask(&ada, "{ tasks { id } }").await.data();
        let asked = upstream.only();
        let token = asked.headers("authorization")[0];
        let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap());
        let claims: Value = serde_json::from_slice(&claims.unwrap()).unwrap();
        assert_eq!(claims["aud"], "tasks");
        assert_eq!(claims["sub"], ada.id);
        app.stop().await;
    });
}
