//! The guard: what an operation may ask for, before any of it runs.

use gatelodge::config::Config;
use serde_json::json;

use crate::harness::{Browser, Reply, raw, test, test_with};

const PASSWORD: &str = "correct horse";

async fn run(browser: &Browser, query: &str) -> Reply {
    browser.run(query, json!({})).await
}

async fn is_refused(browser: &Browser, query: &str, code: &str) {
    let reply = run(browser, query).await;
    let start: String = query.chars().take(200).collect();
    assert!(reply.json().get("data").is_none(), "{start}: {reply:?}");
    assert_eq!(reply.code(), code, "{start}: {reply:?}");
    assert!(reply.text.len() < 4096, "{start}: {}", reply.text.len());
}

async fn is_served(browser: &Browser, query: &str) -> bool {
    run(browser, query).await.json().get("errors").is_none()
}

#[test]
fn each_limit_lets_pass_what_is_at_it_and_refuses_what_is_over_it() {
    test(async |app| {
        let browser = app.browser();
        let over = "OPERATION_TOO_COMPLEX";
        let fields =
            |count: usize| format!("{{authSettings{{{}}}}}", "__typename ".repeat(count - 1));
        assert!(is_served(&browser, &fields(500)).await);
        is_refused(&browser, &fields(501), over).await;
        is_refused(&browser, &fields(1490), over).await;

        let roots = |count: usize| {
            format!(
                "{{...F {}}} fragment F on Query{{__typename}}",
                "__typename ".repeat(count - 1)
            )
        };
        assert!(is_served(&browser, &roots(20)).await);
        is_refused(&browser, &roots(21), over).await;

        let aliases = |count: usize| {
            let aliased: String = (0..count).map(|n| format!("a{n}:__typename ")).collect();
            format!("{{authSettings{{{aliased}}}}}")
        };
        assert!(is_served(&browser, &aliases(30)).await);
        is_refused(&browser, &aliases(31), over).await;

        let directives = |count: usize| {
            format!(
                "{{authSettings{{{}}}}}",
                "__typename @skip(if: false) ".repeat(count)
            )
        };
        assert!(is_served(&browser, &directives(20)).await);
        is_refused(&browser, &directives(21), over).await;

        let spreads = |count: usize| {
            format!(
                "{{authSettings{{{}}}}} fragment F on AuthSettings{{__typename}}",
                "...F ".repeat(count)
            )
        };
        assert!(is_served(&browser, &spreads(100)).await);
        is_refused(&browser, &spreads(101), over).await;

        let depth = |count: usize| {
            format!(
                "{{session{}{}}}",
                "{user".repeat(count - 1),
                "}".repeat(count - 1)
            )
        };
        is_refused(&browser, &depth(17), over).await;
        is_refused(&browser, &depth(16), "GRAPHQL_VALIDATION_FAILED").await;
    });
}

#[test]
fn fragments_that_spread_each_other_are_counted_expanded_and_in_no_time() {
    test(async |app| {
        let browser = app.browser();
        let chain = |length: usize, spreads: usize| {
            let fragments: String = (1..length)
                .map(|n| {
                    format!(
                        "fragment F{n} on Query{{{}}}",
                        format!("...F{} ", n + 1).repeat(spreads)
                    )
                })
                .collect();
            format!("{{...F1}} {fragments} fragment F{length} on Query{{__typename}}")
        };
        for query in [chain(31, 2), chain(60, 4), chain(8, 100)] {
            is_refused(&browser, &query, "OPERATION_TOO_COMPLEX").await;
        }
        // Unused fragments cost the library as much as used ones.
        let unused = chain(31, 2).replace("{...F1}", "{__typename}");
        is_refused(&browser, &unused, "OPERATION_TOO_COMPLEX").await;
        for query in [
            "{...A} fragment A on Query{...B} fragment B on Query{...A}",
            "{...A} fragment A on Query{...A}",
            "{__typename} fragment A on Query{...A}",
            "{...Missing}",
        ] {
            is_refused(&browser, query, "GRAPHQL_VALIDATION_FAILED").await;
        }
        let ring: String = (0..2000)
            .map(|n| format!("fragment F{n} on Query{{...F{}}}", (n + 1) % 2000))
            .collect();
        is_refused(
            &browser,
            &format!("{{...F0}}{ring}"),
            "OPERATION_TOO_COMPLEX",
        )
        .await;
    });
}

#[test]
fn deep_nesting_of_every_kind_is_an_error_and_the_process_lives() {
    test(async |app| {
        let browser = app.browser();
        let long = 60_000;
        for start in [
            "[",
            "{a:",
            "{me",
            "{...on Query",
            "(",
            "query($a:[",
            "{a(b:[",
            "{a(b:{c:",
            "\"",
            "\"\"\"",
            "#",
            ",",
            "@a ",
        ] {
            let reply = run(&browser, &start.repeat(long / start.len())).await;
            assert!(
                matches!(
                    reply.code().as_str(),
                    "OPERATION_TOO_COMPLEX" | "GRAPHQL_PARSE_FAILED" | "PAYLOAD_TOO_LARGE"
                ),
                "{start}"
            );
        }
        let types = format!(
            "query($a:{}Int{}) {{ __typename }}",
            "[".repeat(20_000),
            "]".repeat(20_000)
        );
        is_refused(&browser, &types, "OPERATION_TOO_COMPLEX").await;
        for part in ["variables", "extensions"] {
            let body = format!(
                "{{\"query\":\"{{__typename}}\",\"{part}\":{{\"a\":{}{}}}}}",
                "[".repeat(30_000),
                "]".repeat(30_000)
            );
            assert_eq!(browser.post(body).await.status, 400);
        }
        assert_eq!(browser.me().await, None);
    });
}

#[test]
fn nested_lists_and_objects_at_the_limit_cost_the_parser_no_time() {
    test(async |app| {
        let browser = app.browser();
        for (open, middle, close) in [
            ("[", "1", "]"),
            ("{a:", "1", "}"),
            ("[", "", "]"),
            ("[", "!", "]"),
            ("[", "$x", "]"),
        ] {
            let value = format!("{}{middle}{}", open.repeat(60), close.repeat(60));
            let reply = run(&browser, &format!("{{ node(id: {value}) {{ id }} }}")).await;
            assert!(reply.json().get("data").is_none());
            let reply = run(
                &browser,
                &format!("query($x: Int = {value}) {{ __typename }}"),
            )
            .await;
            assert!(reply.json().get("data").is_none());
        }
        let inline = format!(
            "{}{{__typename}}{}",
            "{...on Query".repeat(28),
            "}".repeat(28)
        );
        assert!(run(&browser, &inline).await.json()["data"]["__typename"].is_string());
    });
}

#[test]
fn an_operation_has_one_credential_field_however_it_is_hidden() {
    test(async |app| {
        app.browser().registered("ada", PASSWORD).await;
        let browser = app.browser();
        let login = |alias: &str| {
            format!(
                "{alias}login(input:{{username:\"ada\",password:\"{PASSWORD}\"}}){{user{{id}}}}"
            )
        };
        let one = login("");
        for body in [
            format!("{} {}", login("a:"), login("b:")),
            format!("{one} logout {{ loggedOut }}"),
            format!("logout {{ loggedOut }} {one}"),
            format!("{one} ...F}} fragment F on Mutation {{ {}", login("b:")),
            format!("{one} ... on Mutation {{ {} }}", login("b:")),
            format!("{one} ... {{ {} }}", login("b:")),
            format!("{one} ... @include(if: false) {{ {} }}", login("b:")),
            format!("{one} logout @skip(if: true) {{ loggedOut }}"),
            format!(
                "...F ...G }} fragment F on Mutation {{ {} }} fragment G on Mutation {{ {}",
                login("a:"),
                login("b:")
            ),
        ] {
            is_refused(
                &browser,
                &format!("mutation {{ {body} }}"),
                "GRAPHQL_VALIDATION_FAILED",
            )
            .await;
        }
        // The same key twice runs twice.
        let twice = format!(
            "mutation {{ {one} login(input:{{username:\"ada\",password:\"{PASSWORD}\"}}){{session{{id}}}} }}"
        );
        is_refused(&browser, &twice, "GRAPHQL_VALIDATION_FAILED").await;
        is_refused(
            &browser,
            "mutation { __typename __typename }",
            "GRAPHQL_VALIDATION_FAILED",
        )
        .await;
        is_refused(
            &browser,
            "mutation { ...F ...F } fragment F on Mutation { __typename }",
            "GRAPHQL_VALIDATION_FAILED",
        )
        .await;

        let many: String = (0..1000).map(|n| login(&format!("a{n}:"))).collect();
        assert_eq!(
            run(&browser, &format!("mutation {{ {many} }}"))
                .await
                .status,
            413
        );
        let many: String = (0..40).map(|n| login(&format!("a{n}:"))).collect();
        is_refused(
            &browser,
            &format!("mutation {{ {many} }}"),
            "OPERATION_TOO_COMPLEX",
        )
        .await;
        assert_eq!(browser.token(), None);
        assert_eq!(app.database.db_count("sessions").await, 1);
    });
}

#[test]
fn every_root_field_of_mutation_is_known_to_the_guard() {
    // A new mutation that sets the cookie or checks a password must be on the list; one that doesn't, here.
    let harmless = ["changeUsername", "revokeOtherSessions"];
    let sdl = gatelodge::graphql::sdl();
    let start = sdl.find("type Mutation {").unwrap();
    let end = start + sdl[start..].find("\n}").unwrap();
    let fields: Vec<_> = sdl[start..end]
        .lines()
        .filter_map(|line| line.strip_prefix('\t'))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
        .map(|line| line.split(['(', ':']).next().unwrap())
        .collect();
    assert!(fields.contains(&"login"), "{fields:?}");
    for field in fields {
        assert!(
            gatelodge::graphql::CREDENTIAL_FIELDS.contains(&field) || harmless.contains(&field),
            "{field}"
        );
    }
}

#[test]
fn a_document_with_several_operations_runs_the_one_that_is_named() {
    test(async |app| {
        let browser = app.browser();
        let query = "query A { me { id } } mutation B { logout { loggedOut } } mutation C { logout { loggedOut } }";
        let reply = browser
            .post(json!({ "query": query, "operationName": "B" }).to_string())
            .await;
        assert_eq!(reply.data()["logout"]["loggedOut"], false);
        for name in [json!("D"), json!(null), json!("")] {
            let reply = browser
                .post(json!({ "query": query, "operationName": name }).to_string())
                .await;
            assert_eq!(reply.code(), "GRAPHQL_VALIDATION_FAILED");
        }
    });
}

#[test]
fn many_errors_of_one_document_are_told_in_part() {
    test(async |app| {
        let unknown: String = (0..400).map(|n| format!("x{n} ")).collect();
        let query = format!("{{authSettings{{{unknown}}}}}");
        let errors = run(&app.browser(), &query).await.json()["errors"]
            .as_array()
            .unwrap()
            .len();
        assert_eq!(errors, 10);
    });
}

/// As GraphiQL, graphql-js and Python's gql ask it.
const INTROSPECTION: &str = include_str!("introspection.graphql");

#[test]
fn the_standard_introspection_query_passes_where_introspection_is_on() {
    test(async |app| {
        let data = run(&app.browser(), INTROSPECTION).await.data();
        assert_eq!(data["__schema"]["queryType"]["name"], "Query");
        assert!(data["__schema"]["types"].as_array().unwrap().len() > 20);
    });
}

#[test]
fn introspection_whose_lists_multiply_is_refused() {
    test(async |app| {
        let nested = |levels: usize| {
            format!(
                "{{__schema{{types{}name{}}}}}",
                "{fields{type".repeat(levels),
                "}}".repeat(levels)
            )
            .replacen("typename", "type{name}", 1)
        };
        for levels in [4, 5, 6] {
            is_refused(&app.browser(), &nested(levels), "OPERATION_TOO_COMPLEX").await;
        }
    });
}

#[test]
fn where_introspection_is_off_nothing_of_the_schema_is_told() {
    let change = |config: &mut Config| config.feature.introspection = Some(false);
    test_with(change, async |app| {
        let browser = app.browser();
        let mut answers = vec![];
        for query in [
            INTROSPECTION,
            "{__schema\n{types{name}}}",
            "{__schema,{types{name}}}",
            "{__schema #\n{types{name}}}",
            "{a:__schema{types{name}}}",
            "{...F} fragment F on Query{__schema{types{name}}}",
            "{__type(name:\"User\"){name}}",
            "{me{__typename} ...on Query{__type(name:\"User\"){name}}}",
            "{__typename} fragment F on Query{__schema{types{name}}}",
        ] {
            let reply = run(&browser, query).await;
            assert_eq!(reply.code(), "GRAPHQL_VALIDATION_FAILED");
            let json = reply.json();
            answers.push(json["errors"][0]["message"].as_str().unwrap().to_owned());
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
        for query in [
            "{mee}",
            "{me{usernam}}",
            "{node(idd:\"x\"){id}}",
            "{node{id}}",
            "{me{id ...on Usr{id}}}",
            "query($a:Usr){me{id}}",
            "mutation{logout(x:1){loggedOut}}",
            "{me}",
            "{node(id:\"x\"){username}}",
        ] {
            let reply = run(&browser, query).await;
            assert_eq!(reply.code(), "GRAPHQL_VALIDATION_FAILED", "{query}");
            for name in [
                "id",
                "User",
                "Query",
                "username",
                "String",
                "Node",
                "Did you mean",
            ] {
                assert!(
                    !reply.json()["errors"][0]["message"]
                        .as_str()
                        .unwrap()
                        .contains(name),
                    "{}",
                    reply.text
                );
            }
        }
        let lacking = browser
            .run("query($i:RegisterInput!){__typename}", json!({ "i": {} }))
            .await;
        assert_eq!(lacking.code(), "BAD_USER_INPUT");
        assert!(
            !lacking.text.contains("confirmPassword") && !lacking.text.contains("RegisterInput"),
            "{}",
            lacking.text
        );
        assert!(
            run(&browser, "{ __typename me { __typename } }")
                .await
                .json()
                .get("errors")
                .is_none()
        );
    });
}

#[test]
fn others_are_answered_while_somebody_sends_the_worst_documents() {
    test(async |app| {
        let hostile = app.browser();
        let worst = format!(
            "{{...F1}} {} fragment F31 on Query{{__typename}}",
            (1..31)
                .map(|n| format!("fragment F{n} on Query{{...F{m} ...F{m}}}", m = n + 1))
                .collect::<String>()
        );
        let attack = async {
            for _ in 0..100 {
                run(&hostile, &worst).await;
            }
        };
        let visitor = app.browser();
        let others = async {
            for _ in 0..100 {
                assert_eq!(visitor.me().await, None);
            }
        };
        tokio::join!(attack, others);
    });
}

#[test]
fn the_same_process_answers_after_a_hundred_stack_bombs() {
    test(async |app| {
        for _ in 0..100 {
            let body = json!({ "query": "[".repeat(60_000) }).to_string();
            let request = format!(
                "POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
                 content-length: {}\r\n\r\n{body}",
                body.len()
            );
            assert_eq!(raw(app.public, request).await.status(), 200);
        }
    });
}

#[test]
fn an_argument_that_fits_late_or_never_is_the_clients_mistake_and_repeats_nothing() {
    test(async |app| {
        for query in [
            "mutation{login(input:[{username:\"a\",password:\"hunter2\"}]){user{id}}}",
            "mutation{login(input:\"hunter2\"){user{id}}}",
            "mutation{login(input:{username:\"a\",password:[\"hunter2\"]}){user{id}}}",
            "mutation($i:LoginInput){login(input:$i){user{id}}}",
            "mutation($p:String){login(input:{username:\"a\",password:$p}){user{id}}}",
            "query($x:ID){node(id:$x){id}}",
        ] {
            let reply = run(&app.browser(), query).await;
            let code = reply.code();
            assert!(
                matches!(
                    code.as_str(),
                    "BAD_USER_INPUT" | "GRAPHQL_VALIDATION_FAILED"
                ),
                "{query}: {reply:?}"
            );
            assert!(!reply.text.contains("hunter2"), "{}", reply.text);
        }
    });
}

#[test]
fn an_error_is_short_however_long_the_name_that_it_is_about() {
    test(async |app| {
        let reply = run(
            &app.browser(),
            &format!("{{__schema{{{}}}}}", "x".repeat(60_000)),
        )
        .await;
        assert_eq!(reply.code(), "GRAPHQL_VALIDATION_FAILED");
        assert!(reply.text.len() < 1000, "{}", reply.text.len());
        let reply = run(&app.browser(), "{ mee { id } }").await;
        assert!(!reply.text.contains("mean"), "{}", reply.text);
    });
}
