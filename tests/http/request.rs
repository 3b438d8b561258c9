//! GraphQL over HTTP: methods, media types, sizes, and the parts of a request.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{raw, test, test_with};

#[test]
fn a_form_post_is_refused_before_its_body_is_read() {
    test(async |app| {
        let browser = app.register("ada").await;
        let logout = json!({ "query": "mutation { logout { loggedOut } }" }).to_string();
        for kind in [
            "application/x-www-form-urlencoded",
            "text/plain",
            "multipart/form-data; boundary=x",
            "",
            "text/plain;application/json",
            "application/json;text/plain",
            "application/jsonp",
            "application/graphql",
            "application/json; charset=utf-16",
            "application/graphql-response+json",
        ] {
            let request = browser
                .request(Method::POST, "/graphql")
                .header("content-type", kind)
                .body(logout.clone());
            let reply = browser.send(request).await;
            assert_eq!(
                (reply.status.as_u16(), reply.code().as_str()),
                (415, "UNSUPPORTED_MEDIA_TYPE"),
                "{kind}"
            );
            assert!(reply.set_cookies().is_empty());
        }
        let none = browser
            .request(Method::POST, "/graphql")
            .body(logout.clone());
        assert_eq!(browser.send(none).await.status, 415);
        let twice = browser
            .post_with(
                &[("content-type", "application/json")],
                &json!({ "query": "{ me { id } }" }),
            )
            .await;
        assert_eq!(twice.status, 415);
        assert_eq!(browser.me().await.as_deref(), Some("ada"));

        // Five gigabytes are declared and none is sent: the answer does not wait for them.
        let huge = "POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: multipart/form-data; boundary=x\r\n\
             content-length: 5000000000\r\n\r\n";
        assert_eq!(raw(app.public, huge).await.status(), 415);
    });
}

#[test]
fn a_compressed_body_is_refused() {
    test(async |app| {
        for encoding in ["gzip", "gzip, gzip", "br"] {
            let reply = app
                .browser()
                .post_with(
                    &[("content-encoding", encoding)],
                    &json!({ "query": "{ me { id } }" }),
                )
                .await;
            assert_eq!(reply.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
    });
}

#[test]
fn a_body_over_the_limit_is_refused_by_its_declared_or_its_real_length() {
    test(async |app| {
        let browser = app.browser();
        let body = |length: usize| {
            let frame = json!({ "query": "{ me { id } }", "x": "" })
                .to_string()
                .len();
            json!({ "query": "{ me { id } }", "x": "y".repeat(length - frame) }).to_string()
        };
        assert_eq!(browser.post(body(65_536)).await.status, StatusCode::OK);
        let reply = browser.post(body(65_537)).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE")
        );

        let head = "POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n";
        let announced =
            format!("{head}content-length: 10000000000\r\nexpect: 100-continue\r\n\r\n");
        let reply = raw(app.public, announced).await;
        assert_eq!(reply.status(), 413, "and not told to go on: {reply:?}");

        let chunk = format!("2000\r\n{}\r\n", "y".repeat(0x2000));
        let chunked = format!(
            "{head}transfer-encoding: chunked\r\n\r\n{}",
            chunk.repeat(9)
        );
        assert_eq!(raw(app.public, chunked).await.status(), 413);
    });
}

#[test]
fn a_body_of_ten_megabytes_gets_its_answer() {
    test(async |app| {
        let reply = app.browser().post("x".repeat(10_000_000)).await;
        assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    });
}

#[test]
fn a_body_that_never_arrives_times_out() {
    let change = |config: &mut gatelodge::config::Config| {
        config.limits.body_time = std::time::Duration::from_secs(1);
    };
    test_with(change, async |app| {
        let reply = raw(
            app.public,
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
        )
        .await;
        assert_eq!(reply.status(), 408);
        assert!(reply.body().contains("REQUEST_TIMEOUT"));
    });
}

#[test]
fn headers_that_never_arrive_time_out() {
    let change = |config: &mut gatelodge::config::Config| {
        config.server.header_timeout = std::time::Duration::from_secs(1);
    };
    test_with(change, async |app| {
        for start in ["", "POST /graphql HTTP/1.1\r\nhost: x\r\nx: "] {
            let reply = raw(app.public, start).await;
            assert!(matches!(reply.status(), 0 | 400 | 408), "{reply:?}");
        }
        assert_eq!(app.browser().me().await, None);
    });
}

#[test]
fn a_body_that_is_not_a_single_json_request_is_refused() {
    test(async |app| {
        let wrong: [&[u8]; 17] = [
            b"",
            b"{",
            b"null",
            b"[]",
            b"\"x\"",
            b"[{\"query\":\"{me{id}}\"}]",
            b"[[{\"query\":\"{me{id}}\"}]]",
            b"[\"{me{id}}\"]",
            b"[\"{me{id}}\",null,null,null]",
            b"{\"query\":\"{me{id}}\",\"x\":1,\"x\":2}",
            b"{}",
            b"{\"query\":null}",
            b"{\"query\":5}",
            b"{\"query\":\"{me{id}}\",\"query\":\"{me{id}}\"}",
            b"{\"query\":\"{me{id}}\",\"variables\":[]}",
            b"{\"query\":\"\xff\xfe\"}",
            b"\xff\xfe{\x00\"\x00",
        ];
        for body in wrong {
            let reply = app.browser().post(body.to_vec()).await;
            assert_eq!(
                (reply.status.as_u16(), reply.code().as_str()),
                (400, "BAD_REQUEST"),
                "{body:?}"
            );
        }
        let secret = app
            .browser()
            .post(r#"{"query":"{me{id}}","variables":{"p":"hunter2"#)
            .await;
        assert!(!secret.text.contains("hunter2"));
    });
}

#[test]
fn queries_run_by_get_and_mutations_never_do() {
    test(async |app| {
        let browser = app.register("ada").await;
        let get = async |query: &str| browser.get(&format!("/graphql?query={query}")).await;
        assert_eq!(get("{me{username}}").await.data()["me"]["username"], "ada");
        let variables = browser
            .get("/graphql?query=query($id:ID!){node(id:$id){id}}&variables={\"id\":\"x\"}&operationName=")
            .await;
        assert_eq!(variables.data()["node"], Value::Null);

        let reply = get("mutation{logout{loggedOut}}").await;
        assert_eq!(
            (reply.status.as_u16(), reply.code().as_str()),
            (405, "METHOD_NOT_ALLOWED")
        );
        assert_eq!(reply.header("allow"), Some("POST"));
        let head = browser.request(Method::HEAD, "/graphql?query=mutation{logout{loggedOut}}");
        assert_eq!(browser.send(head).await.status, 405);
        let override_it = browser
            .request(Method::GET, "/graphql?query=mutation{logout{loggedOut}}")
            .header("x-http-method-override", "POST");
        assert_eq!(browser.send(override_it).await.status, 405);
        // The named operation runs, and by GET it must be a query.
        let two = "query%20A{me{username}}%20mutation%20B{logout{loggedOut}}";
        assert_eq!(get(&format!("{two}&operationName=B")).await.status, 405);
        assert_eq!(get(&format!("{two}&operationName=A")).await.status, 200);
        for wrong in [
            "{me{id}}&query={me{id}}",
            "{me{id}}&variables=[]",
            "{me{id}}&variables={",
            "{me{id}}&extensions=5",
        ] {
            assert_eq!(get(wrong).await.status, 400, "{wrong}");
        }
        assert_eq!(browser.get("/graphql").await.status, 400);
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
    });
}

#[test]
fn a_post_is_read_from_its_body_alone() {
    test(async |app| {
        let browser = app.browser();
        let post = |path: &str, body: Value| {
            browser
                .request(Method::POST, path)
                .header("content-type", "application/json")
                .body(body.to_string())
        };
        let only_in_url = post("/graphql?query=mutation{logout{loggedOut}}", json!({}));
        assert_eq!(browser.send(only_in_url).await.status, 400);
        let two = "query A { me { id } } mutation B { logout { loggedOut } }";
        let both = post(
            "/graphql?operationName=B",
            json!({ "query": two, "operationName": "A" }),
        );
        assert_eq!(browser.send(both).await.data(), json!({ "me": null }));
    });
}

#[test]
fn a_graphql_error_is_200_for_json_and_400_for_graphql_response_json() {
    test(async |app| {
        for (query, code) in [
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("", "GRAPHQL_PARSE_FAILED"),
            ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
            ("query($x: ID!) { node(id: $x) { id } }", "BAD_USER_INPUT"),
            (
                "query($x: String) { node(id: $x) { id } }",
                "GRAPHQL_VALIDATION_FAILED",
            ),
            (
                "query A { me { id } } query B { me { id } }",
                "GRAPHQL_VALIDATION_FAILED",
            ),
            ("subscription { me { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ] {
            for (accept, status) in [
                ("application/json", 200),
                ("application/graphql-response+json", 400),
                ("*/*", 200),
            ] {
                let reply = app
                    .browser()
                    .post_with(&[("accept", accept)], &json!({ "query": query }))
                    .await;
                assert_eq!(
                    (reply.status.as_u16(), reply.code().as_str()),
                    (status, code),
                    "{query}"
                );
                assert!(reply.json().get("data").is_none());
                let expected = if accept == "*/*" {
                    "application/json"
                } else {
                    accept
                };
                assert!(reply.header("content-type").unwrap().starts_with(expected));
            }
        }
    });
}

#[test]
fn strange_strings_are_an_error_or_wrong_credentials_and_nothing_worse() {
    test(async |app| {
        for string in [r"\uD800", r"\uD83D\uDE00", r"\u{1F600}", r"\u0000", "\u{0}"] {
            let query = format!(
                r#"mutation {{ login(input: {{ username: "{string}", password: "{string}" }}) {{ userErrors {{ code }} }} }}"#
            );
            let reply = app.browser().run(&query, json!({})).await;
            assert_eq!(reply.status, 200);
            let json = reply.json();
            let refused = json["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED";
            let wrong = json["data"]["login"]["userErrors"][0]["code"] == "INVALID_CREDENTIALS";
            assert!(refused || wrong, "{string:?}: {json:#}");
        }
        let block = r#"mutation { login(input: { username: """ada""", password: """x""" }) { userErrors { code } } }"#;
        assert_eq!(
            app.browser().query(block).await["login"]["userErrors"][0]["code"],
            "INVALID_CREDENTIALS"
        );
    });
}

#[test]
fn the_plain_port_speaks_http_1_1_only() {
    test(async |app| {
        let preface = raw(app.public, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
        assert!(matches!(preface.status(), 0 | 400 | 505), "{preface:?}");
        // Frames of HTTP/2 would not have a status either.
        let plain = preface.0.is_empty() || preface.0.starts_with("HTTP/1.1 ");
        assert!(plain, "{preface:?}");
    });
}

#[test]
fn a_refusal_has_the_media_type_that_the_client_accepts_and_closes_the_connection() {
    test(async |app| {
        let browser = app.browser();
        for (accept, labelled) in [
            (
                "application/graphql-response+json, application/json;q=0.9",
                "application/graphql-response+json",
            ),
            ("application/json", "application/json"),
            ("text/html", "application/json"),
        ] {
            let reply = browser
                .on_page(Some("https://evil.test"))
                .post_with(&[("accept", accept)], &json!({ "query": "{ me { id } }" }))
                .await;
            assert_eq!(reply.status, 403);
            assert!(
                reply.header("content-type").unwrap().starts_with(labelled),
                "{accept}: {reply:?}"
            );
            assert_eq!(reply.header("connection"), Some("close"));
        }
        // Without a body the connection stays open.
        assert_eq!(browser.get("/nowhere").await.header("connection"), None);
    });
}

#[test]
fn an_unpaired_surrogate_escape_is_invalid_json() {
    test(async |app| {
        for half in [
            r"\ud800",
            r"\udc00",
            r"\ud83d",
            r"x\ud83dx",
            r"\ude00\ud83d",
        ] {
            for body in [
                format!(r#"{{"query":"{{me{{id}}}} #{half}"}}"#),
                format!(r#"{{"query":"{{me{{id}}}}","variables":{{"a":"{half}"}}}}"#),
                format!(r#"{{"query":"{{me{{id}}}}","variables":{{"{half}":1}}}}"#),
                format!(r#"{{"query":"{{me{{id}}}}","{half}":1}}"#),
            ] {
                let reply = app.browser().post(body.clone()).await;
                assert_eq!(
                    (reply.status.as_u16(), reply.code().as_str()),
                    (400, "BAD_REQUEST"),
                    "{body}"
                );
            }
        }
        let whole = r#"{"query":"{me{id}} # \ud83d\ude00"}"#;
        assert_eq!(app.browser().post(whole).await.status, 200);
    });
}
