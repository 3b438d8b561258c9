//! The one schema that clients see, and where the service's part of it comes from.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use apollo_compiler::{
    ExecutableDocument, Schema, introspection::partial_execute, request::coerce_variable_values,
    response::JsonMap,
};
use gatelodge::config::Config;
use serde_json::{Value, json};

use super::{
    Answer, Asked, SCHEMA, TASKS, ask, graphql, join, schema_path, use_schema, with_service,
};
use crate::harness::{TestApp, eventually, on_sqlite};

const TYPES: &str = "{ task: __type(name: \"Task\") { fields { name } } user: __type(name: \"User\") { fields { name } }
    query: __type(name: \"Query\") { fields { name } } }";

/// Answers the introspection of a schema.
fn introspect(sdl: &str, query: &str) -> Answer {
    let schema = Schema::parse_and_validate(sdl, "").unwrap();
    let document = ExecutableDocument::parse_and_validate(&schema, query, "").unwrap();
    let operation = document.operations.get(None).unwrap();
    let variables = coerce_variable_values(&schema, operation, &JsonMap::new()).unwrap();
    let implementers = schema.implementers_map();
    let answer = partial_execute(&schema, &implementers, &document, operation, &variables);
    graphql(&serde_json::to_string(&answer.unwrap()).unwrap())
}

/// Answers the gate's questions for the schema by introspection, all others with [`TASKS`].
fn with_introspection(sdl: &str) -> impl Fn(&Asked) -> Answer + Send + Sync + use<> {
    let sdl = sdl.to_owned();
    move |asked| {
        if asked.is_for_schema() {
            introspect(&sdl, &asked.query())
        } else {
            graphql(TASKS)
        }
    }
}

/// Returns what an operator reads about the service's schema.
async fn problem(app: &TestApp) -> String {
    let ready = app.browser().at(app.admin).get("/readyz").await;
    assert_eq!(ready.status, 200, "only introspection needs the schema");
    ready.json()["upstreamSchema"].as_str().unwrap().to_owned()
}

/// Returns the names of fields in the answer of [`TYPES`].
fn names(ty: &Value) -> Vec<&str> {
    let fields = ty["fields"].as_array().into_iter().flatten();
    fields
        .map(|field| field["name"].as_str().unwrap())
        .collect()
}

#[test]
fn introspection_shows_both_schemas_as_one() {
    with_service(
        |config| use_schema(config, SCHEMA),
        super::tasks,
        async |app, upstream| {
            let data = ask(&app.browser(), TYPES).await.data();
            assert_eq!(
                names(&data["task"]),
                ["id", "title", "done", "parent", "query"]
            );
            for field in ["username", "roles", "tasks", "nickname", "taskCount"] {
                assert!(names(&data["user"]).contains(&field), "{field}");
            }
            for field in ["me", "users", "tasks", "echo", "node"] {
                assert!(names(&data["query"]).contains(&field), "{field}");
            }
            for field in ["_service", "_entities"] {
                assert!(!names(&data["query"]).contains(&field), "{field}");
            }
            let ada = app.register("ada").await;
            let reply = ask(&ada, include_str!("../graphql/introspection.graphql")).await;
            assert!(!reply.has_errors(), "{}", reply.text);
            assert_eq!(problem(app).await, "ok");
            assert_eq!(upstream.asked().len(), 0);
        },
    );
}

#[test]
fn the_schema_of_the_service_is_asked_for_in_the_gates_own_name() {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    let sdl = "type Query { tasks: [Task!] } type Task { id: ID! }";
    let answer = with_introspection(sdl);
    let tokens = Arc::new(std::sync::Mutex::new(vec![]));
    let seen = Arc::clone(&tokens);
    let noting = move |asked: &Asked| {
        seen.lock()
            .unwrap()
            .push(asked.headers("authorization")[0].to_owned());
        answer(asked)
    };
    with_service(
        |_| {},
        noting,
        async |app, upstream| {
            eventually("the schema was read", async || problem(app).await == "ok").await;
            let data = ask(&app.browser(), TYPES).await.data();
            assert_eq!(names(&data["task"]), ["id"]);
            assert!(
                names(&data["query"]).contains(&"tasks") && names(&data["query"]).contains(&"me")
            );
            assert_eq!(upstream.queries(), [""; 0]);
            for token in tokens.lock().unwrap().iter() {
                let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap());
                let claims: Value = serde_json::from_slice(&claims.unwrap()).unwrap();
                assert_eq!(claims["sub"], "gatelodge");
                assert!(
                    claims.get("sid").is_none() && claims.get("roles").is_none(),
                    "{claims}"
                );
            }
        },
    );
}

#[test]
fn a_subgraph_is_asked_for_its_text_and_then_extends_our_users() {
    let sdl = fs::read_to_string(schema_path(SCHEMA)).unwrap();
    let answer = move |asked: &Asked| {
        if !asked.is_for_schema() {
            return join::entities(asked, |id| json!({ "nickname": id }));
        }
        if asked.query().contains("_service") {
            return graphql(&json!({ "data": { "_service": { "sdl": sdl } } }).to_string());
        }
        introspect(
            "type Query { tasks: Int _service: Service! } type Service { sdl: String! }",
            &asked.query(),
        )
    };
    with_service(
        |_| {},
        answer,
        async |app, upstream| {
            eventually("the schema was read", async || problem(app).await == "ok").await;
            let ada = app.register("ada").await;
            let data = ask(&ada, "{ me { username nickname } }").await.data();
            assert_eq!(data["me"], json!({ "username": "ada", "nickname": ada.id }));
            assert_eq!(upstream.asked().len(), 1);
        },
    );
}

#[test]
fn before_the_service_answers_our_schema_is_shown_alone() {
    for answer in [Answer::Silence, Answer::Half(String::new())] {
        let is_silent = matches!(answer, Answer::Silence);
        let answer = move |asked: &Asked| match (asked.is_for_schema(), is_silent) {
            (true, true) => Answer::Silence,
            (true, false) => Answer::Half(String::new()),
            (false, _) => graphql(TASKS),
        };
        with_service(
            |_| {},
            answer,
            async |app, _| {
                assert_ne!(problem(app).await, "ok");
                let ada = app.register("ada").await;
                let data = ask(&ada, TYPES).await.data();
                assert_eq!(data["task"], Value::Null);
                assert!(!names(&data["query"]).contains(&"tasks"));
                let data = ask(&ada, "{ me { username } tasks { id } }").await.data();
                assert_eq!(data["tasks"], json!([{ "id": "task_1" }]));
                let reply = ask(&ada, "{ me { tasks { id } } }").await;
                assert_eq!(reply.code(), "GRAPHQL_VALIDATION_FAILED");
            },
        );
    }
}

#[test]
fn a_clash_that_introspection_finds_hides_the_services_schema_and_nothing_else() {
    let sdl = fs::read_to_string(schema_path("users.graphql")).unwrap();
    let noticed = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&noticed);
    let answer = with_introspection(&sdl);
    let counting = move |asked: &Asked| {
        counter.fetch_add(1, Ordering::SeqCst);
        answer(asked)
    };
    with_service(
        |_| {},
        counting,
        async |app, upstream| {
            eventually("the clash was found", async || {
                problem(app).await.contains("User")
            })
            .await;
            assert!(noticed.load(Ordering::SeqCst) >= 2);
            let ada = app.register("ada").await;
            let data = ask(&ada, TYPES).await.data();
            assert_eq!(data["task"], Value::Null);
            assert!(names(&data["user"]).contains(&"username"));
            assert!(!names(&data["user"]).contains(&"email"));
            let data = ask(&ada, "{ me { username } tasks { id } }").await.data();
            assert_eq!(data["tasks"], json!([{ "id": "task_1" }]));
            assert_eq!(upstream.queries(), ["{ tasks { id } }"]);
            // The public listener says nothing about it.
            let public = app.browser().get("/readyz").await;
            assert!(!public.text.contains("User"), "{}", public.text);
        },
    );
}

#[test]
fn a_prefix_resolves_a_clash() {
    let sdl = fs::read_to_string(schema_path("users.graphql")).unwrap();
    let prefix = |config: &mut Config| {
        config.upstream.as_mut().unwrap().type_prefix = "Gate".to_owned();
    };
    with_service(prefix, with_introspection(&sdl), async |app, _| {
        eventually("the schema was read", async || problem(app).await == "ok").await;
        let data = ask(&app.browser(), TYPES).await.data();
        assert_eq!(names(&data["user"]), ["id", "email"]);
        let me = "{ __type(name: \"Query\") { fields { name type { name } } } }";
        let data = ask(&app.browser(), me).await.data();
        let fields = data["__type"]["fields"].as_array().unwrap().clone();
        assert!(fields.contains(&json!({ "name": "me", "type": { "name": "GateUser" } })));
        assert!(fields.contains(&json!({ "name": "owner", "type": { "name": "User" } })));
    });
}

#[test]
fn a_clash_in_a_file_refuses_to_start_and_names_both_sides() {
    let directory = tempfile::tempdir().unwrap();
    for (sdl, parts) in [
        (
            fs::read_to_string(schema_path("users.graphql")).unwrap(),
            ["User", "schema.graphql:7"],
        ),
        (
            "type Query { me: Int }".to_owned(),
            ["me", "schema.graphql:1"],
        ),
        (
            "type Query { a: Int } type Mutation { login: Int }".to_owned(),
            ["login", "schema.graphql:1"],
        ),
        ("type Query { a: ".to_owned(), ["schema.graphql", "1"]),
    ] {
        let path = directory.path().join("schema.graphql");
        fs::write(&path, sdl).unwrap();
        on_sqlite(async |database| {
            let mut config = crate::harness::config(&database);
            let url = "http://127.0.0.1:9/graphql".parse().unwrap();
            let mut upstream = gatelodge::config::upstream::UpstreamConfig::at(url);
            upstream.schema = Some(path.clone());
            config.upstream = Some(upstream);
            let clock = Arc::new(gatelodge::domain::clock::SystemClock);
            let entropy = Arc::new(gatelodge::domain::entropy::OsEntropy);
            let built = gatelodge::app::build(config, clock, entropy).await;
            let error = built.err().expect("it starts").to_string();
            for part in parts {
                assert!(error.contains(part), "{part}: {error}");
            }
        });
    }
}
