//! The guard: nesting that would overflow the stack or keep the parser busy.

use serde_json::json;

use crate::{
    graphql::guard::{assert_refused, is_served, run},
    harness::{raw, test},
};

#[test]
fn deep_nesting_of_every_kind_is_an_error_and_the_process_survives() {
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
        assert_refused(&browser, &types, "OPERATION_TOO_COMPLEX").await;
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
fn sixty_four_brackets_may_be_open_at_once_and_closed_ones_do_not_count() {
    test(async |app| {
        let browser = app.browser();
        let selections = |open: usize| {
            let inner = "... {".repeat(open - 1);
            format!("{{{inner} __typename {}", "}".repeat(open))
        };
        assert!(is_served(&browser, &selections(64)).await);
        assert_refused(&browser, &selections(65), "OPERATION_TOO_COMPLEX").await;
        // At the limit, the parser and the schema refuse these.
        let lists = |open: usize| {
            let count = open - 2;
            format!(
                "{{node(id:{}{}){{id}}}}",
                "[".repeat(count),
                "]".repeat(count)
            )
        };
        assert_refused(&browser, &lists(64), "GRAPHQL_VALIDATION_FAILED").await;
        assert_refused(&browser, &lists(65), "OPERATION_TOO_COMPLEX").await;
        assert_refused(&browser, &"(".repeat(64), "GRAPHQL_PARSE_FAILED").await;
        assert_refused(&browser, &"(".repeat(65), "OPERATION_TOO_COMPLEX").await;

        let siblings = "... { __typename } ".repeat(70);
        assert!(is_served(&browser, &format!("{{ authSettings {{ {siblings} }} }}")).await);
        let lists = format!("{{node(id:[{}]){{id}}}}", "[] ".repeat(70));
        assert_refused(&browser, &lists, "GRAPHQL_VALIDATION_FAILED").await;
        let variables: String = (0..70).map(|n| format!("{{users(id: $v{n})}} ")).collect();
        assert_refused(&browser, &variables, "GRAPHQL_VALIDATION_FAILED").await;
    });
}

#[test]
fn an_open_block_string_hides_no_brackets_from_the_guard() {
    test(async |app| {
        let browser = app.browser();
        for (open, close) in [("[", "]"), ("{a:", "}")] {
            let nested = format!("{}1{}", open.repeat(1600), close.repeat(1600));
            for query in [
                format!("{{__typename(b:[\"\"\"\" {nested}])}}"),
                format!("query($a:Int=[\"\"\"\" {nested}]){{__typename}}"),
                format!("{{__typename @skip(if:[\"\"\"\" {nested}])}}"),
                format!("{{__typename(b:[\"\"\" {nested}])}}"),
                format!("{{__typename(b:[\"\n\" {nested}])}}"),
            ] {
                let reply = run(&browser, &query).await;
                assert_eq!(reply.code(), "GRAPHQL_PARSE_FAILED", "{}", &query[..40]);
                let url: String = url::form_urlencoded::Serializer::new("/graphql?".to_owned())
                    .append_pair("query", &query)
                    .finish();
                assert_eq!(browser.get(&url).await.code(), "GRAPHQL_PARSE_FAILED");
            }
        }
        assert_eq!(browser.me().await, None);
    });
}

#[test]
fn nested_lists_and_objects_at_the_limit_are_parsed_quickly() {
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
