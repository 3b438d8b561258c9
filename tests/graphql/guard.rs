//! The guard: limits of an operation, checked before any of it runs.

use serde_json::json;

use crate::harness::{Browser, Reply, test};

pub async fn run(browser: &Browser, query: &str) -> Reply {
    browser.run(query, json!({})).await
}

pub async fn assert_refused(browser: &Browser, query: &str, code: &str) {
    let reply = run(browser, query).await;
    let start: String = query.chars().take(200).collect();
    assert!(reply.json().get("data").is_none(), "{start}: {reply:?}");
    assert_eq!(reply.code(), code, "{start}: {reply:?}");
    assert!(reply.text.len() < 4096, "{start}: {}", reply.text.len());
}

pub async fn is_served(browser: &Browser, query: &str) -> bool {
    !run(browser, query).await.has_errors()
}

#[test]
fn each_limit_accepts_a_document_at_it_and_refuses_one_over_it() {
    test(async |app| {
        let browser = app.browser();
        let over = "OPERATION_TOO_COMPLEX";
        // 12 tokens and the elements. An ID is not a list, but the limit is checked first.
        let tokens = |count: usize| format!("{{node(id:[{}]){{id}}}}", "1 ".repeat(count - 12));
        assert_refused(&browser, &tokens(1500), "GRAPHQL_VALIDATION_FAILED").await;
        assert_refused(&browser, &tokens(1501), over).await;

        let fields =
            |count: usize| format!("{{authSettings{{{}}}}}", "__typename ".repeat(count - 1));
        assert!(is_served(&browser, &fields(500)).await);
        assert_refused(&browser, &fields(501), over).await;
        assert_refused(&browser, &fields(1490), over).await;

        let roots = |count: usize| {
            format!(
                "{{...F {}}} fragment F on Query{{__typename}}",
                "__typename ".repeat(count - 1)
            )
        };
        assert!(is_served(&browser, &roots(20)).await);
        assert_refused(&browser, &roots(21), over).await;

        let aliases = |count: usize| {
            let aliased: String = (0..count).map(|n| format!("a{n}:__typename ")).collect();
            format!("{{authSettings{{{aliased}}}}}")
        };
        assert!(is_served(&browser, &aliases(30)).await);
        assert_refused(&browser, &aliases(31), over).await;

        let arguments = |count: usize| {
            let skips = "__typename @skip(if: false) ".repeat(10);
            let filters: String = (0..count - 10).map(|n| format!("a{n}:1 ")).collect();
            format!("{{authSettings{{{skips}}} node({filters}){{id}}}}")
        };
        assert_refused(&browser, &arguments(201), over).await;
        // No field has 200 arguments: at the limit, the schema refuses them.
        assert_refused(&browser, &arguments(200), "GRAPHQL_VALIDATION_FAILED").await;

        let directives = |count: usize| {
            format!(
                "{{authSettings{{{}}}}}",
                "__typename @skip(if: false) ".repeat(count)
            )
        };
        assert!(is_served(&browser, &directives(20)).await);
        assert_refused(&browser, &directives(21), over).await;

        let spreads = |count: usize| {
            format!(
                "{{authSettings{{{}}}}} fragment F on AuthSettings{{__typename}}",
                "...F ".repeat(count)
            )
        };
        assert!(is_served(&browser, &spreads(100)).await);
        assert_refused(&browser, &spreads(101), over).await;

        let depth = |count: usize| {
            format!(
                "{{session{}{}}}",
                "{user".repeat(count - 1),
                "}".repeat(count - 1)
            )
        };
        assert_refused(&browser, &depth(17), over).await;
        assert_refused(&browser, &depth(16), "GRAPHQL_VALIDATION_FAILED").await;
    });
}

#[test]
fn white_space_commas_comments_and_a_byte_order_mark_do_not_count_as_tokens() {
    test(async |app| {
        let browser = app.browser();
        let ignored = "\u{FEFF} ,\t\r\n# { { {\n".repeat(1_000);
        let query = format!("{ignored}{{__typename{ignored}}}{ignored}");
        assert!(is_served(&browser, &query).await);
        // Brackets in strings and comments are not nesting.
        let text = "[".repeat(1_000);
        let query =
            format!("{{node(id:\"{text}\"){{id}} a:node(id:\"\"\"{text}\"\"\"){{id}} #{text}\n}}");
        assert!(is_served(&browser, &query).await);
        // Each name, number, string and punctuator is one token.
        let tokens = |count: usize| {
            let list: String = [
                "-1.5e+3,",
                "\"x \\\" y\",",
                "\"\"\"two \"words\" \\\"\"\"\"\"\",",
                "name,",
                "$v,",
            ]
            .into_iter()
            .cycle()
            .scan(count - 12, |left, value| {
                let length = if value == "$v," { 2 } else { 1 };
                *left = left.checked_sub(length)?;
                Some(value)
            })
            .collect();
            format!("{{node(id:[{list}]){{id}}}}")
        };
        assert_refused(&browser, &tokens(1500), "GRAPHQL_VALIDATION_FAILED").await;
        assert_refused(&browser, &tokens(1506), "OPERATION_TOO_COMPLEX").await;
    });
}

#[test]
fn nested_fragments_are_counted_as_expanded_and_quickly() {
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
            assert_refused(&browser, &query, "OPERATION_TOO_COMPLEX").await;
        }
        // Unused fragments cost the library as much as used ones.
        let unused = chain(31, 2).replace("{...F1}", "{__typename}");
        assert_refused(&browser, &unused, "OPERATION_TOO_COMPLEX").await;
        for query in [
            "{...A} fragment A on Query{...B} fragment B on Query{...A}",
            "{...A} fragment A on Query{...A}",
            "{__typename} fragment A on Query{...A}",
            "{...Missing}",
        ] {
            assert_refused(&browser, query, "GRAPHQL_VALIDATION_FAILED").await;
        }
        let ring: String = (0..2000)
            .map(|n| format!("fragment F{n} on Query{{...F{}}}", (n + 1) % 2000))
            .collect();
        assert_refused(
            &browser,
            &format!("{{...F0}}{ring}"),
            "OPERATION_TOO_COMPLEX",
        )
        .await;
    });
}

#[test]
fn a_document_with_several_operations_runs_the_named_one() {
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
fn only_the_first_of_many_errors_of_a_document_are_reported() {
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

#[test]
fn other_clients_are_answered_while_one_sends_the_worst_documents() {
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
fn a_wrong_argument_value_is_a_client_error_that_repeats_no_value() {
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
fn an_error_about_a_long_name_is_short() {
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

#[test]
fn ten_thousand_variables_are_refused_before_they_are_parsed() {
    test(async |app| {
        let browser = app.browser();
        for declaration in ["$a:A ", "$a:A,", "$a:A@"] {
            let query = format!("query({}){{__typename}}", declaration.repeat(10_000));
            assert_refused(&browser, &query, "OPERATION_TOO_COMPLEX").await;
        }
        // Values of undeclared variables are ignored.
        let values: serde_json::Map<_, _> = (0..5_000)
            .map(|number| (format!("v{number}"), json!(number)))
            .collect();
        let reply = browser.run("{ __typename }", values.into()).await;
        assert_eq!(reply.data()["__typename"], "Query");
    });
}
