//! Results follow the GraphQL specification where the library's executor does not.

use serde_json::{Value, json};

use crate::harness::{Browser, PASSWORD, Reply, assert_no_errors, test};

/// Returns the data as it was sent, since a parsed object loses the order of its keys.
async fn text(browser: &Browser, query: &str, variables: Value) -> String {
    data_of(&browser.run(query, variables).await)
}

fn data_of(reply: &Reply) -> String {
    let text = reply.text.strip_prefix("{\"data\":").unwrap();
    let end = text.rfind(",\"errors\"").or(text.rfind(",\"extensions\""));
    text[..end.unwrap()].to_owned()
}

fn session_cookie(reply: &Reply) -> String {
    let cookies = reply.set_cookies();
    let session = cookies
        .iter()
        .find(|cookie| cookie.starts_with("gatelodge="));
    session.unwrap().clone()
}

#[test]
fn keys_keep_the_order_of_the_document_and_merged_fields_run_once() {
    test(async |app| {
        let browser = app.register("ada").await;
        for (query, expected) in [
            (
                "{ b: __typename me { username } a: __typename }",
                r#"{"b":"Query","me":{"username":"ada"},"a":"Query"}"#,
            ),
            (
                "{ me { username } __typename ...F } fragment F on Query { me { __typename username } }",
                r#"{"me":{"username":"ada","__typename":"User"},"__typename":"Query"}"#,
            ),
            (
                "{ me { ...A } } fragment A on User { ...B } fragment B on User { username ...C } fragment C on User { username }",
                r#"{"me":{"username":"ada"}}"#,
            ),
        ] {
            assert_eq!(text(&browser, query, json!({})).await, expected, "{query}");
        }
    });
}

#[test]
fn an_object_whose_fields_are_all_skipped_is_empty_and_not_null() {
    test(async |app| {
        let browser = app.browser();
        let query = "query($on: Boolean = false) { me { username @include(if: $on) } }";
        assert_eq!(text(&browser, query, json!({})).await, r#"{"me":null}"#);
        browser.must_register("ada", PASSWORD).await;
        assert_eq!(text(&browser, query, json!({})).await, r#"{"me":{}}"#);
        let on = text(&browser, query, json!({ "on": true })).await;
        assert_eq!(on, r#"{"me":{"username":"ada"}}"#);
        let null = browser.run(query, json!({ "on": null })).await;
        assert_eq!(null.code(), "BAD_USER_INPUT");
    });
}

#[test]
fn a_failed_field_is_null_or_nulls_its_parent_if_it_is_non_null() {
    test(async |app| {
        let browser = app.browser();
        // `user` may be null, `users` may not.
        let reply = browser
            .run("{ __typename user(id: \"x\") { id } }", json!({}))
            .await;
        assert_eq!(reply.code(), "UNAUTHENTICATED");
        assert!(
            reply
                .text
                .contains(r#""data":{"__typename":"Query","user":null}"#)
        );
        let reply = browser
            .run("{ __typename users { nodes { id } } }", json!({}))
            .await;
        assert_eq!(reply.code(), "UNAUTHENTICATED");
        assert_eq!(reply.json()["data"], Value::Null);
    });
}

#[test]
fn a_node_has_the_fields_of_its_actual_type() {
    test(async |app| {
        let browser = app.register("ada").await;
        let data = browser.query("{ me { id } session { id } }").await;
        let query = "query($id: ID!) { node(id: $id) { ... on Session { isSession: __typename } id ... on User { username } kind: __typename } }";
        let (user, session) = (&data["me"]["id"], &data["session"]["id"]);
        assert_eq!(
            text(&browser, query, json!({ "id": user })).await,
            format!(r#"{{"node":{{"id":{user},"username":"ada","kind":"User"}}}}"#)
        );
        assert_eq!(
            text(&browser, query, json!({ "id": session })).await,
            format!(r#"{{"node":{{"isSession":"Session","id":{session},"kind":"Session"}}}}"#)
        );
        assert_eq!(
            text(&browser, query, json!({ "id": "x" })).await,
            r#"{"node":null}"#
        );
        // No user has the key that this test uses to ask for the type.
        let own = browser
            .run("{ node(id: \"x\") { =type: __typename } }", json!({}))
            .await;
        assert_eq!(own.code(), "GRAPHQL_PARSE_FAILED");
    });
}

#[test]
fn an_input_field_has_its_default_when_its_variable_is_missing() {
    test(async |app| {
        let browser = app.register("ada").await;
        let query = "mutation($r: Boolean) { login(input: { username: \"ada\", password: \"correct horse\", rememberMe: $r }) \
                     { session { id } userErrors { code } } }";
        let reply = browser.run(query, json!({})).await;
        assert_no_errors(&reply.data()["login"]);
        assert!(session_cookie(&reply).contains("Max-Age"), "remembered");
        let reply = browser.run(query, json!({ "r": false })).await;
        assert!(!session_cookie(&reply).contains("Max-Age"));
        // Null is not the same as left out: the field fails, and no user is logged in.
        assert_eq!(
            browser.run(query, json!({ "r": null })).await.code(),
            "BAD_USER_INPUT"
        );
    });
}

#[test]
fn json_integers_may_have_a_point_or_an_exponent_and_literals_may_not() {
    test(async |app| {
        let browser = app.register("ada").await;
        let query = "query($n: Int) { me { sessions(first: $n) { nodes { current } } } }";
        for number in ["10", "10.0", "1e1", "100e-1"] {
            let body = format!("{{\"query\":\"{query}\",\"variables\":{{\"n\":{number}}}}}");
            let data = browser.post(body).await.data();
            assert_eq!(
                data["me"]["sessions"]["nodes"],
                json!([{ "current": true }]),
                "{number}"
            );
        }
        for number in ["10.5", "2147483648", "1e10", "\"10\"", "true", "[10]"] {
            let body = format!("{{\"query\":\"{query}\",\"variables\":{{\"n\":{number}}}}}");
            assert_eq!(
                browser.post(body).await.code(),
                "BAD_USER_INPUT",
                "{number}"
            );
        }
        for literal in ["10.0", "1e1", "\"10\"", "2147483648", "010", "true"] {
            let query =
                format!("{{ me {{ sessions(first: {literal}) {{ nodes {{ current }} }} }} }}");
            let reply = browser.run(&query, json!({})).await;
            assert!(reply.json().get("data").is_none(), "{literal}");
        }
        // An ID may be an integer of any length when written as a literal.
        let long = "{ node(id: 123456789012345678901234567890) { id } }";
        assert_eq!(text(&browser, long, json!({})).await, r#"{"node":null}"#);
    });
}

#[test]
fn strings_are_parsed_by_the_specification() {
    test(async |app| {
        let browser = app.browser();
        for (literal, username) in [
            (r#""\u0061da""#, "ada"),
            (r#""\u{61}da""#, "ada"),
            (r#""""ada""""#, "ada"),
            ("\"\"\"\n    ada\n  \"\"\"", "ada"),
        ] {
            let app_browser = app.browser();
            let query = format!(
                "mutation {{ register(input: {{ username: {literal}, password: \"{PASSWORD}\", confirmPassword: \"{PASSWORD}\" }}) \
                 {{ user {{ username }} userErrors {{ code }} }} }}"
            );
            let data = app_browser.run(&query, json!({})).await.data();
            let taken = data["register"]["userErrors"][0]["code"] == "USERNAME_TAKEN";
            assert!(
                taken || data["register"]["user"]["username"] == username,
                "{literal}: {data}"
            );
        }
        for literal in [r#""\ud83d\ude00""#, r#""\u{1F600}""#] {
            let query = format!("{{ node(id: {literal}) {{ id }} }}");
            assert_eq!(text(&browser, &query, json!({})).await, r#"{"node":null}"#);
        }
        for literal in [
            r#""\ud83d""#,
            r#""\u{D800}""#,
            r#""\u{110000}""#,
            r#""\x""#,
            "\"a\nb\"",
            "\"\n\"",
        ] {
            let query = format!("{{ node(id: {literal}) {{ id }} }}");
            let reply = browser.run(&query, json!({})).await;
            assert_eq!(reply.code(), "GRAPHQL_PARSE_FAILED", "{literal}");
        }
    });
}

#[test]
fn documents_are_validated_by_the_specification() {
    test(async |app| {
        let browser = app.browser();
        for query in [
            "{ a: me { id } a: session { id } }",
            "{ node(id: \"a\") { id } node(id: \"b\") { id } }",
            "query($x: String) { node(id: $x) { id } }",
            "query($x: ID!) { __typename }",
            "query A($x: ID!) { ...F } query B { ...F } fragment F on Query { node(id: $x) { id } }",
            "{ __typename @unknown }",
            "query Q() { __typename }",
            "{ me { } }",
            "{ me }",
            "{ __typename } fragment F on User { id }",
            "subscription { me { id } }",
            "{ me { id } } type T { a: Int }",
            "mutation { login(input: { username: \"a\", password: \"b\", password: \"c\" }) { user { id } } }",
            "mutation($u: String) { login(input: { username: $u, password: \"c\" }) { user { id } } }",
            "mutation($u: String = null) { login(input: { username: $u, password: \"c\" }) { user { id } } }",
            "mutation($r: [Boolean]) { login(input: { username: \"\", password: \"\", rememberMe: $r }) { user { id } } }",
            "mutation($r: [String]) { setUserRoles(input: { id: 1, roles: $r }) { user { id } } }",
            "mutation($r: String) { setUserRoles(input: { id: 1, roles: [$r] }) { user { id } } }",
            "mutation($r: [String]!) { setUserRoles(input: { id: 1, roles: $r }) { user { id } } }",
            "mutation($r: [[String!]!]!) { setUserRoles(input: { id: 1, roles: $r }) { user { id } } }",
            "query($i: ID = null) { node(id: $i) { id } }",
            "query($s: Boolean = null) { __typename @skip(if: $s) }",
            "query($s: Boolean = null) { ... @include(if: $s) { __typename } }",
            "query($s: Boolean = null) { ...F @include(if: $s) } fragment F on Query { __typename }",
            "query($s: Boolean = null) { ...F } fragment F on Query { me { id @skip(if: $s) } }",
            "{ users(first) { nodes { id } } }",
            "{ node(i d: \"x\") { id } }",
            "mutation { login(input: { username password: \"x\" }) { user { id } } }",
            "{ __typename @include(if: true if) }",
            "\"d\" { __typename }",
            "query \"x\" fragment { __typename }",
            "query \"x\" mutation { __typename }",
            "mutation \"a\" fragment { logout { loggedOut } }",
            "fragment \"x\" query on Query { __typename } { ...query }",
        ] {
            let code = browser.run(query, json!({ "x": "a" })).await.code();
            assert!(
                ["GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"].contains(&code.as_str()),
                "{query}: {code}"
            );
        }
        for query in [
            "\"d\" query A { __typename }",
            "\"\"\"ä\"\"\" query A(\"d\" $x: String = \"zz\" \"d\" $y: ID! = 1) { __typename a: node(id: $y) { id } ...F } \
             \"d\" fragment F on Query { user(username: $x) { id } }",
            "query A { ..., on Query { a,: __typename ..., { __typename } ..., F ..., @include(if: true) { __typename } } } \
             fragment F on Query { __typename }",
            "query A { ...F } query B($x: ID!) { ...G } fragment F on Query { __typename } fragment G on Query { node(id: $x) { id } }",
            "query A ( $x : ID ! = 1 # comment\n , ) { __typename ... F } fragment F on Query { node ( id : $x ) { id } } #",
        ] {
            let body = json!({ "query": query, "operationName": "A" });
            let reply = browser.post(body.to_string()).await;
            let ran = reply.json()["data"].is_object();
            assert!(ran, "{query}: {reply:?}");
        }
        for types in [
            "$r: [String!]!",
            "$r: [String!]! = []",
            "$r: [String!] = []",
        ] {
            let query = format!(
                "mutation({types}) {{ setUserRoles(input: {{ id: 1, roles: $r }}) {{ user {{ id }} }} }}"
            );
            let reply = browser.run(&query, json!({ "r": ["a"] })).await;
            assert_eq!(reply.code(), "UNAUTHENTICATED", "{query}");
        }
    });
}
