//! Answers for joined fields that are wrong or too large.

use serde_json::{Value, json};

use super::{SCHEMA, ask, graphql, use_schema, with_service, with_tasks};
use crate::harness::PASSWORD;

/// The path and code of each error.
fn errors(json: &Value) -> Vec<(Value, Value)> {
    let errors = json["errors"].as_array().unwrap();
    let error = |error: &Value| (error["path"].clone(), error["extensions"]["code"].clone());
    errors.iter().map(error).collect()
}

#[test]
fn an_answer_without_one_entry_for_each_user_is_an_error_of_each_field() {
    for body in [
        r#"{"data":{}}"#,
        r#"{"data":{"site0":[]}}"#,
        r#"{"data":{"site0":[{"nickname":"x"},{"nickname":"y"}]}}"#,
        r#"[{"data":{"site0":[{"nickname":"x"}]}}]"#,
        r#"{"errors":[]}"#,
    ] {
        with_tasks(
            move |_| graphql(body),
            async |app, _| {
                let ada = app.register("ada").await;
                let json = ask(&ada, "{ me { id nickname } }").await.json();
                let me = json!({ "id": ada.id, "nickname": null });
                assert_eq!(json["data"]["me"], me, "{body}");
                let expected = (json!(["me", "nickname"]), json!("BAD_GATEWAY"));
                assert_eq!(errors(&json), [expected], "{body}");
            },
        );
    }
}

#[test]
fn a_missing_value_that_may_not_be_null_is_an_error() {
    let answer = |_: &super::Asked| graphql(r#"{"data":{"site0":[null]}}"#);
    with_tasks(answer, async |app, _| {
        let ada = app.register("ada").await;
        let json = ask(&ada, "{ me { id taskCount } }").await.json();
        assert_eq!(json["data"], json!({ "me": null }));
        let expected = (json!(["me", "taskCount"]), json!("BAD_GATEWAY"));
        assert_eq!(errors(&json), [expected]);
        assert_eq!(
            json["errors"][0]["locations"],
            json!([{ "line": 1, "column": 11 }])
        );
    });
}

#[test]
fn the_copies_of_one_users_fields_count_for_the_size_of_a_merged_answer() {
    let answer = |_: &super::Asked| {
        let nickname = "x".repeat(600);
        graphql(&json!({ "data": { "site0": [{ "nickname": nickname }] } }).to_string())
    };
    let settings = |config: &mut gatelodge::config::Config| {
        use_schema(config, SCHEMA);
        config.upstream.as_mut().unwrap().max_merge = 1000;
    };
    with_service(settings, answer, async |app, _| {
        let ada = app.register("ada").await;
        let query = "{ session { user { nickname } } }";
        assert!(ask(&ada, query).await.json()["errors"].is_null());
        // The same user has a second session, so the field would be there twice.
        app.browser().login("ada", PASSWORD).await;
        let query = "{ me { sessions(first: 9) { nodes { user { nickname } } } } }";
        let json = ask(&ada, query).await.json();
        let codes: Vec<_> = errors(&json).into_iter().map(|(_, code)| code).collect();
        assert_eq!(codes, ["BAD_GATEWAY", "BAD_GATEWAY"]);
    });
}

#[test]
fn the_copies_of_one_users_errors_count_for_the_size_of_a_merged_answer() {
    let answer = |_: &super::Asked| {
        let message = "x".repeat(300);
        let error = json!({ "message": message, "path": ["site0", 0, "nickname"] });
        graphql(&json!({ "data": { "site0": [null] }, "errors": [error] }).to_string())
    };
    let settings = |config: &mut gatelodge::config::Config| {
        use_schema(config, SCHEMA);
        config.upstream.as_mut().unwrap().max_merge = 1000;
    };
    with_service(settings, answer, async |app, _| {
        let ada = app.register("ada").await;
        let query = "{ me { sessions(first: 9) { nodes { user { nickname } } } } }";
        let codes = |json: &Value| {
            let codes = errors(json).into_iter().map(|(_, code)| code);
            codes.collect::<Vec<_>>()
        };
        assert_eq!(codes(&ask(&ada, query).await.json()), [Value::Null]);
        app.browser().login("ada", PASSWORD).await;
        assert_eq!(
            codes(&ask(&ada, query).await.json()),
            [Value::Null, Value::Null]
        );
        app.browser().login("ada", PASSWORD).await;
        // The same error would be there three times.
        assert_eq!(codes(&ask(&ada, query).await.json()), ["BAD_GATEWAY"; 3]);
    });
}

#[test]
fn positions_and_paths_that_cannot_be_are_dropped_from_an_error() {
    let answer = |_: &super::Asked| {
        graphql(
            r#"{"data":{"site0":[{"nickname":"x"}]},"errors":[
                {"message":"a","locations":[{"line":1,"column":18446744073709551615}]},
                {"message":"b","locations":[{"line":18446744073709551615,"column":1}]},
                {"message":"c","locations":[{"line":1,"column":4294967295}]},
                {"message":"d","path":["site0",18446744073709551616,"nickname"]},
                {"message":"e","path":["site0",0,{"site0":0}]},
                {"message":"f","path":["site0",-1]}]}"#,
        )
    };
    with_tasks(answer, async |app, _| {
        let ada = app.register("ada").await;
        let reply = ask(&ada, "{ me { nickname } }").await;
        assert_eq!(reply.json()["data"], json!({ "me": { "nickname": "x" } }));
        assert_eq!(errors(&reply.json()).len(), 6, "{}", reply.text);
        assert!(!reply.text.contains("site0"), "{}", reply.text);
        assert!(!reply.text.contains("path"), "{}", reply.text);
    });
}

#[test]
fn the_limits_hold_for_the_joined_fields_of_all_sites_together() {
    let settings = |config: &mut gatelodge::config::Config| {
        use_schema(config, SCHEMA);
        config.upstream.as_mut().unwrap().max_complexity = 6;
    };
    with_service(settings, super::join::own_tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let one = "{ a: me { tasks { id title } } }";
        assert!(ask(&ada, one).await.json()["errors"].is_null());
        let before = upstream.asked().len();
        let many = "{ a: me { ...F } b: me { ...F } c: me { ...F } } fragment F on User { tasks { id title } }";
        let json = ask(&ada, many).await.json();
        assert!(
            errors(&json)
                .iter()
                .all(|(_, code)| code == "OPERATION_TOO_COMPLEX"),
            "{json}"
        );
        assert_eq!(upstream.asked().len(), before);
    });
}

#[test]
fn the_name_of_the_mutation_type_may_stand_beside_fields_of_the_service() {
    with_tasks(
        |_| graphql(r#"{"data":{"addTask":{"task":{"id":"task_1"}},"__typename":"Mutation"}}"#),
        async |app, _| {
            let ada = app.register("ada").await;
            let query = r#"mutation { addTask(title: "x") { task { id } } __typename }"#;
            let data = ask(&ada, query).await.data();
            assert_eq!(data["__typename"], "Mutation");
            assert_eq!(data["addTask"]["task"]["id"], "task_1");
        },
    );
}
