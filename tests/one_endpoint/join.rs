//! Fields that the service adds to our users: `me { username tasks { title } }`.

use serde_json::{Map, Value, json};

use super::{
    Answer, Asked, ask, assert_refused, graphql, with_tasks, with_tasks_on_every_database,
};

/// Answers `_entities` with the fields of each user, by their ids.
pub fn entities(asked: &Asked, fields: impl Fn(&str) -> Value) -> Answer {
    let mut data = Map::new();
    let body = asked.json();
    for place in 0.. {
        // A client's variable may have this name, so the gate may have chosen a longer one.
        let mut variables = body["variables"].as_object().unwrap().iter();
        let users = variables.find_map(|(name, value)| {
            let is_place =
                name.starts_with("representations") && name.ends_with(&place.to_string());
            value.as_array().filter(|_| is_place)
        });
        let Some(users) = users else { break };
        let users = users.iter().map(|user| {
            assert_eq!(user["__typename"], "User");
            fields(user["id"].as_str().unwrap())
        });
        data.insert(format!("site{place}"), users.collect());
    }
    graphql(&json!({ "data": data }).to_string())
}

/// Each user has one task, whose title is their id.
pub(super) fn own_tasks(asked: &Asked) -> Answer {
    if !asked.query().contains("_entities") {
        return graphql(super::TASKS);
    }
    entities(
        asked,
        |id| json!({ "tasks": [{ "title": id }], "t": [{ "title": id }], "nickname": id, "taskCount": 1 }),
    )
}

#[test]
fn a_user_has_the_fields_of_both() {
    with_tasks_on_every_database(
        |_| {},
        own_tasks,
        async |app, upstream| {
            let ada = app.register("ada").await;
            let bob = app.register("bob").await;
            for user in [&ada, &bob] {
                let data = ask(user, "{ me { tasks(first: 3) { title } username } }")
                    .await
                    .data();
                let (name, title) = (user.me().await.unwrap(), &user.id);
                assert_eq!(
                    data,
                    json!({ "me": { "tasks": [{ "title": title }], "username": name } })
                );
            }
            let asked = upstream.asked();
            assert_eq!(
                asked[0].words(),
                "query($representations0: [_Any!]! ) { site0: _entities(representations: $representations0) \
                 { ... on User { tasks(first: 3) { title } } } }"
            );
            assert_eq!(
                asked[0].json()["variables"],
                json!({ "representations0": [{ "__typename": "User", "id": ada.id }] })
            );
        },
    );
}

#[test]
fn a_stranger_has_no_user_so_the_service_is_not_asked() {
    with_tasks(own_tasks, async |app, upstream| {
        let data = ask(&app.browser(), "{ me { username tasks { title } } }")
            .await
            .data();
        assert_eq!(data, json!({ "me": null }));
        assert_eq!(upstream.queries(), [""; 0]);
    });
}

#[test]
fn one_request_asks_for_all_users_and_each_user_once() {
    with_tasks(own_tasks, async |app, upstream| {
        let admin = app.register_admin("root").await;
        app.advance(chrono::TimeDelta::seconds(1));
        let ada = app.register("ada").await;
        let query = format!(
            "{{ me {{ nickname }} again: me {{ nickname }} users {{ nodes {{ username t: tasks {{ title }} taskCount }} }}
             user(id: \"{}\") {{ nickname }} node(id: \"{}\") {{ id ... on User {{ tasks {{ title }} }} }} }}",
            ada.id, admin.id
        );
        let data = ask(&admin, &query).await.data();
        assert_eq!(data["me"], json!({ "nickname": admin.id }));
        assert_eq!(data["again"], json!({ "nickname": admin.id }));
        assert_eq!(
            data["users"]["nodes"],
            json!([
                { "username": "ada", "t": [{ "title": ada.id }], "taskCount": 1 },
                { "username": "root", "t": [{ "title": admin.id }], "taskCount": 1 },
            ])
        );
        assert_eq!(data["user"], json!({ "nickname": ada.id }));
        assert_eq!(
            data["node"],
            json!({ "id": admin.id, "tasks": [{ "title": admin.id }] })
        );
        let asked = upstream.only();
        assert_eq!(asked.query().matches("_entities").count(), 5);
        for (_, users) in asked.json()["variables"].as_object().unwrap() {
            let users = users.as_array().unwrap();
            let mut unique = users.clone();
            unique.sort_by_key(Value::to_string);
            unique.dedup();
            assert_eq!(unique.len(), users.len());
        }
    });
}

#[test]
fn a_user_in_several_places_of_a_list_is_asked_for_once() {
    with_tasks(own_tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        app.log_in("ada").await;
        let query = "{ me { ...U sessions { nodes { id } } } me { nickname } }
            fragment U on User { nickname ... on User @include(if: true) { nickname tasks { title } } }";
        let data = ask(&ada, query).await.data();
        assert_eq!(data["me"]["nickname"], json!(ada.id));
        assert_eq!(data["me"]["tasks"], json!([{ "title": ada.id }]));
        assert_eq!(data["me"]["sessions"]["nodes"].as_array().unwrap().len(), 2);
        let variables = upstream.only().json()["variables"].clone();
        assert_eq!(
            variables,
            json!({ "representations0": [{ "__typename": "User", "id": ada.id }] })
        );
    });
}

#[test]
fn a_split_query_with_joined_fields_asks_once_for_each() {
    with_tasks(own_tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let data = ask(&ada, "{ tasks { id } me { nickname } }").await.data();
        assert_eq!(
            data,
            json!({ "tasks": [{ "id": "task_1" }], "me": { "nickname": ada.id } })
        );
        assert_eq!(upstream.asked().len(), 2);
    });
}

#[test]
fn fragments_directives_and_variables_of_joined_fields_reach_the_service() {
    let answer = |asked: &Asked| {
        entities(
            asked,
            |_| json!({ "tasks": [{ "title": "x", "id": "task_1" }], "x": null }),
        )
    };
    with_tasks(answer, async |app, upstream| {
        let ada = app.register("ada").await;
        let query = "query Q($n: BigInt, $yes: Boolean!, $no: Boolean!, $representations0: Int) {
            me { ...U nickname @include(if: $no) username @skip(if: $no) }
        }
        fragment U on User { tasks(first: $n) @include(if: $yes) { ...T parent @skip(if: $no) { id } } x: tasks(first: $representations0) { id } }
        fragment T on Task { id ...Title }
        fragment Title on Task { title @include(if: $yes) }";
        let body = format!(
            r#"{{"query":{},"variables":{{"n": 1.10,"yes":true,"no":false,"representations0":7}}}}"#,
            json!(query)
        );
        let reply = ada.post(body).await;
        assert_eq!(
            reply.data(),
            json!({ "me": { "tasks": [{ "title": "x", "id": "task_1" }], "x": null, "username": "ada" } })
        );
        let asked = upstream.only();
        assert_eq!(asked.raw_variable("n"), "1.10");
        assert_eq!(asked.raw_variable("representations0"), "7");
        assert_eq!(asked.json()["operationName"], "Q");
        let text = asked.query();
        for part in [
            "tasks(first: $n) @include(if: $yes) { ...T parent @skip(if: $no) { id } }",
            "fragment T on Task { id ...Title }",
            "fragment Title on Task { title @include(if: $yes) }",
        ] {
            assert!(asked.words().contains(part), "{part}: {text}");
        }
        for other in ["username", "nickname", "fragment U", "me"] {
            let words = asked.words();
            assert!(
                !words.split(' ').any(|word| word == other),
                "{other}: {text}"
            );
        }
    });
}

#[test]
fn a_joined_field_that_is_not_included_is_not_asked_for() {
    with_tasks(own_tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let query = "query($no: Boolean!) { me { id tasks @include(if: $no) { title } ... @include(if: $no) { nickname } } }";
        let data = ada.run(query, json!({ "no": false })).await.data();
        assert_eq!(data, json!({ "me": { "id": ada.id } }));
        assert_eq!(upstream.queries(), [""; 0]);
    });
}

#[test]
fn errors_of_joined_fields_have_the_clients_paths_and_positions() {
    let answer = |_: &Asked| {
        graphql(
            r#"{"data":{"site0":[{"tasks":[null],"nickname":null},{"tasks":null,"nickname":null}]},"errors":[
                {"message":"a","path":["site0",0,"tasks",0,"title"],"locations":[{"line":3,"column":9}],"extensions":{"code":"X"}},
                {"message":"b","path":["site0",1,"tasks"],"locations":[{"line":4,"column":1}]},
                {"message":"c","locations":[{"line":1,"column":1}]},
                {"message":"d"}]}"#,
        )
    };
    with_tasks(answer, async |app, upstream| {
        let root = app.register_admin("root").await;
        app.register("ada").await;
        let query = "{ users {\n  nodes { id\n    tasks { title }\n  nickname } } }";
        let reply = ask(&root, query).await;
        assert_eq!(upstream.asked().len(), 1);
        let json = reply.json();
        let errors = json["errors"].as_array().unwrap();
        let path = |at: usize, rest: Value| {
            let mut path = vec![json!("users"), json!("nodes"), json!(at)];
            path.extend(rest.as_array().unwrap().iter().cloned());
            Value::from(path)
        };
        assert_eq!(errors.len(), 4, "{json:#}");
        assert_eq!(errors[0]["path"], path(0, json!(["tasks", 0, "title"])));
        assert_eq!(errors[0]["locations"], json!([{ "line": 3, "column": 13 }]));
        assert_eq!(errors[0]["extensions"], json!({ "code": "X" }));
        assert_eq!(errors[1]["path"], path(1, json!(["tasks"])));
        assert_eq!(errors[1]["locations"], json!([{ "line": 4, "column": 3 }]));
        assert!(errors[2].get("locations").is_none() && errors[2]["message"] == "c");
        assert!(!reply.text.contains("site0"), "{}", reply.text);
        assert_eq!(json["data"]["users"]["nodes"][0]["tasks"], json!([null]));
    });
}

#[test]
fn a_user_that_the_service_does_not_know_has_null_for_its_fields() {
    let answer = |asked: &Asked| {
        if asked.query().contains("taskCount") {
            graphql(r#"{"data":{"site0":[null]},"errors":[{"message":"gone","path":["site0",0]}]}"#)
        } else {
            graphql(r#"{"data":{"site0":[null]}}"#)
        }
    };
    with_tasks(answer, async |app, _| {
        let ada = app.register("ada").await;
        let data = ask(&ada, "{ me { username nickname tasks { id } } }")
            .await
            .data();
        assert_eq!(
            data,
            json!({ "me": { "username": "ada", "nickname": null, "tasks": null } })
        );
        let json = ask(&ada, "{ me { username taskCount } session { __typename } }")
            .await
            .json();
        assert_eq!(
            json["data"],
            json!({ "me": null, "session": { "__typename": "Session" } })
        );
        assert_eq!(json["errors"][0]["path"], json!(["me"]));
    });
}

#[test]
fn a_joined_field_that_may_not_be_null_makes_its_user_null() {
    let answer = |_: &Asked| Answer::Half(String::new());
    with_tasks(answer, async |app, _| {
        let root = app.register_admin("root").await;
        let json = ask(&root, "{ me { id taskCount } }").await.json();
        assert_eq!(json["data"], json!({ "me": null }));
        assert_eq!(json["errors"][0]["path"], json!(["me", "taskCount"]));
        // `users`, `nodes` and their items may not be null, so the null goes up to the data.
        let json = ask(&root, "{ session { id } users { nodes { taskCount } } }")
            .await
            .json();
        assert_eq!(json["data"], Value::Null);
        assert_eq!(
            json["errors"][0]["path"],
            json!(["users", "nodes", 0, "taskCount"])
        );
        assert_eq!(json["errors"][0]["extensions"]["code"], "BAD_GATEWAY");
    });
}

#[test]
fn a_mutation_cannot_select_joined_fields() {
    with_tasks(own_tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let query = r#"mutation { changeUsername(input: { username: "eve" }) { user { id tasks { id } } userErrors { code } } }"#;
        let reply = ask(&ada, query).await;
        assert_refused(&reply, upstream);
        assert!(reply.text.contains("tasks"), "{}", reply.text);
        assert_eq!(ada.me().await.unwrap(), "ada");
    });
}

#[test]
fn an_answer_that_fits_no_user_is_null_for_all() {
    for body in [
        r#"{"data":{}}"#,
        r#"{"data":{"site0":null}}"#,
        r#"{"data":{"site0":{"nickname":"x"}}}"#,
        r#"{"data":{"site0":[]}}"#,
        r#"{"data":{"site0":["x"]}}"#,
        r#"{"data":{"site1":[{"nickname":"x"}]}}"#,
        r#"{"data":{"site0":[{"other":"x"}],"me":{"nickname":"x"}}}"#,
        r#"{"data":null,"errors":[{"message":"no","path":["site9",7]}]}"#,
    ] {
        with_tasks(
            move |_| graphql(body),
            async |app, _| {
                let ada = app.register("ada").await;
                let json = ask(&ada, "{ me { id nickname } }").await.json();
                assert_eq!(
                    json["data"],
                    json!({ "me": { "id": ada.id, "nickname": null } }),
                    "{body}"
                );
            },
        );
    }
}
