//! What the service gets: the client's own text, without everything that is not for it.

use serde_json::json;

use super::{SCHEMA, ask, graphql, tasks, use_schema, with_service, with_tasks};

#[test]
fn literals_arrive_byte_for_byte() {
    let literals = [
        "12345678901234567890123",
        "-0",
        "1.10",
        "1e400",
        "1E-7",
        r#""plain""#,
        r#""\u00e9 \u{1F600} \uD83D\uDE00 \" \\ \/ \b""#,
        "\"# no comment\"",
        "\"\"\"block\n    \\\"\"\" with \"quotes\" # and this\n  \"\"\"",
        "\"é😀\"",
        "[1,, 2 3]",
        r#"{ text: "{ me }", number: 9223372036854775808 }"#,
        "ENUM",
        "null",
        "$v",
    ];
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        for (index, literal) in literals.iter().enumerate() {
            for query in [
                format!("query($v: Int) {{ echo(x: {literal}, y: $v) }}"),
                format!("query($v: Int) {{ me {{ id }} echo(x: {literal}, y: $v) }}"),
                format!(
                    "query($v: Int) {{ ...F me {{ id }} }} fragment F on Query {{ echo(x: {literal}, y: $v) }}"
                ),
                format!(
                    "query($v: Int, $w: A = {}) {{ echo(y: $v, w: $w) }}",
                    literal.replace("$v", "1")
                ),
            ] {
                let before = upstream.asked().len();
                ask(&ada, &query).await;
                let asked = upstream.asked();
                assert_eq!(asked.len(), before + 1, "{index}: {query}");
                let expected = literal.replace(',', " ");
                let text = asked[before].query().replace(',', " ");
                let literal = if query.contains("$w") {
                    expected.replace("$v", "1")
                } else {
                    expected
                };
                assert!(text.contains(&literal), "{literal}: {text}");
            }
        }
    });
}

#[test]
fn variables_arrive_as_they_were_written() {
    let values = [
        "12345678901234567890123",
        "1.10",
        "1e2",
        "-0",
        r#""\u00e9\/""#,
        r#"{"b": 1.0, "a" : [1,  2]}"#,
        "null",
        "\"é\"",
    ];
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        for (index, value) in values.iter().enumerate() {
            let body = format!(
                r#"{{"query":"query($v: Any) {{ me {{ id }} echo(x: $v) }}","variables":{{"v": {value} }}}}"#
            );
            ada.post(body).await;
            assert_eq!(upstream.asked()[index].raw_variable("v"), *value);
        }
    });
}

#[test]
fn each_side_gets_the_variables_that_it_uses() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let query = "query Q($own: ID!, $theirs: Int = 3 @d, $both: Boolean!, $unused: Int) {
            node(id: $own) @include(if: $both) { id }
            tasks(first: $theirs) @include(if: $both) { id }
        }";
        let variables =
            json!({ "own": ada.id, "theirs": 1, "both": true, "unused": 2, "extra": 3 });
        let reply = ada
            .run(&query.replace(", $unused: Int", ""), variables.clone())
            .await;
        assert_eq!(reply.data()["node"]["id"], ada.id);
        let asked = upstream.only();
        assert_eq!(
            asked.words().replace(',', "").replace("  ", " "),
            "query Q( $theirs: Int = 3 @d $both: Boolean!) { tasks(first: $theirs) @include(if: $both) { id } }"
        );
        assert_eq!(
            asked.json()["variables"],
            json!({ "theirs": 1, "both": true })
        );
        // A variable that nobody uses is an error, as if one server had all of the document.
        let reply = ada.run(query, variables).await;
        assert_eq!(reply.code(), "GRAPHQL_VALIDATION_FAILED");
        assert_eq!(upstream.asked().len(), 1);
    });
}

#[test]
fn a_document_of_the_service_with_an_unused_variable_is_judged_by_the_service() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let query = "query ($unused: Int) { tasks { id } }";
        ada.run(query, json!({ "unused": 1 })).await;
        let asked = upstream.only();
        assert_eq!(asked.query(), query);
        assert_eq!(asked.json()["variables"], json!({ "unused": 1 }));
    });
}

#[test]
fn no_comment_reaches_the_service() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        // A line ends at a carriage return for the specification, but not for every server.
        for query in [
            "{ tasks { id } # hidden\r me { id } }",
            "{ tasks { id } #\\r hidden\n me { id } }",
            "# hidden\n{ tasks { id # hidden\r\n } # hidden\n}",
            "{ tasks { id } } # hidden }",
            "{ tasks(first: 1 # hidden\n, done: true) { id } }",
            "query # hidden {\n Q { tasks { id } }",
        ] {
            let before = upstream.asked().len();
            ask(&ada, query).await.data();
            let asked = upstream.asked();
            assert_eq!(asked.len(), before + 1, "{query}");
            let text = asked[before].query();
            assert!(!text.contains('#') && !text.contains("hidden"), "{text:?}");
            assert!(!text.contains("me"), "{text:?}");
        }
    });
}

#[test]
fn the_envelope_has_no_other_keys_than_ours() {
    let allow = |config: &mut gatelodge::config::Config| {
        use_schema(config, SCHEMA);
        config.upstream.as_mut().unwrap().forward_extensions = vec!["trace".to_owned()];
    };
    with_service(allow, tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let body = r#"{"query":"{ tasks { id } }","operationName":null,"variables":{"x":1},"id":1,"operationKind":"query",
            "extensions":{"trace": 1.10,"headers":{"cookie":"x"},"persistedQuery":null},"documents":[]}"#;
        ada.post(body).await.data();
        ada.post(r#"{"query":"{ tasks { id } }"}"#).await.data();
        let bodies: Vec<_> = upstream
            .asked()
            .into_iter()
            .map(|asked| asked.body)
            .collect();
        assert_eq!(
            bodies,
            [
                r#"{"query":"{ tasks { id } }","extensions":{"trace":1.10}}"#,
                r#"{"query":"{ tasks { id } }"}"#
            ]
        );
        let twice = r#"{"query":"{ tasks { id } }","query":"{ me { id } }"}"#;
        assert_eq!(ada.post(twice).await.code(), "BAD_REQUEST");
    });
}

#[test]
fn positions_stay_those_of_the_clients_document() {
    let query = "\"\"\"\na description\nof lines\n\"\"\"\nquery Q($a: Int, $b: ID!) {\n  me { id } # é😀\n  node(id: $b) { id }, tasks(first: $a) { id\n    title }\n}";
    let answer = |asked: &super::Asked| {
        let text = asked.query();
        let at = text.find("title").unwrap();
        let line = text[..at].matches('\n').count() + 1;
        let column = at - text[..at].rfind('\n').unwrap();
        graphql(&format!(
            r#"{{"data":{{"tasks":null}},"errors":[{{"message":"m","locations":[{{"line":{line},"column":{column}}}],"path":["tasks",0,"title"]}}]}}"#
        ))
    };
    with_tasks(answer, async |app, upstream| {
        let ada = app.register("ada").await;
        let reply = ada.run(query, json!({ "a": 1, "b": ada.id })).await;
        assert_eq!(upstream.asked().len(), 1);
        let json = reply.json();
        assert_eq!(
            json["errors"][0]["locations"],
            json!([{ "line": 8, "column": 5 }]),
            "{json}"
        );
        assert_eq!(json["errors"][0]["path"], json!(["tasks", 0, "title"]));
    });
}

#[test]
fn an_error_of_ours_in_a_split_query_has_its_position_in_the_document() {
    with_tasks(tasks, async |app, _| {
        let ada = app.register("ada").await;
        let query = "{ tasks { id } users { nodes { id } } }";
        let json = ask(&ada, query).await.json();
        assert_eq!(json["errors"][0]["path"], json!(["users"]));
        assert_eq!(
            json["errors"][0]["locations"],
            json!([{ "line": 1, "column": 16 }])
        );
        let reply = ask(&ada, "{ tasks { id }\n  me { nme } }").await.json();
        assert_eq!(
            reply["errors"][0]["locations"],
            json!([{ "line": 2, "column": 8 }])
        );
        // Joined fields stand in the same line.
        for query in [
            "{ me { tasks { id } } session { id idd } }",
            "{me{nickname}users{nodes{id}}}",
        ] {
            let json = ask(&ada, query).await.json();
            let column = query.find("idd").or(query.find("users")).unwrap() + 1;
            assert_eq!(
                json["errors"][0]["locations"][0]["column"], column,
                "{json}"
            );
        }
    });
}

#[test]
fn fragments_on_query_are_split_too() {
    let answer = |_: &super::Asked| graphql(r#"{"data":{"a":[],"b":[],"c":[],"number":"1"}}"#);
    with_tasks(answer, async |app, upstream| {
        let ada = app.register("ada").await;
        let query = "query Q($yes: Boolean!, $no: Boolean!) {
            ...Both @include(if: $yes)
            ... @include(if: $yes) { c: tasks { ...T } s: session { ...S } }
            ... on Query @skip(if: $no) { number }
            ...Ours
        }
        fragment Both on Query { me { username } a: tasks { ...T } ...Nested }
        fragment Nested on Query { b: tasks { ...T } m: me { ...U } }
        fragment Ours on Query { n: me { ...U } }
        fragment T on Task { id }
        fragment U on User { id }
        fragment S on Session { id }
        fragment Unused on Task { title }";
        let reply = ada.run(query, json!({ "yes": true, "no": false })).await;
        let data = reply.data();
        let keys: Vec<_> = data.as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys.len(), 8, "{data}");
        assert_eq!(data["me"], json!({ "username": "ada" }));
        assert_eq!(data["n"], json!({ "id": ada.id }));
        assert_eq!(data["number"], "1");
        let order = [
            "\"me\"",
            "\"a\"",
            "\"b\"",
            "\"m\"",
            "\"c\"",
            "\"s\"",
            "\"number\"",
            "\"n\"",
        ];
        let places: Vec<_> = order
            .iter()
            .map(|key| reply.text.find(&format!("{key}:")))
            .collect();
        assert!(places.is_sorted(), "{}", reply.text);
        assert_eq!(
            upstream.queries(),
            [
                "query Q($yes: Boolean! $no: Boolean!) { ...Both @include(if: $yes) \
              ... @include(if: $yes) { c: tasks { ...T } } ... on Query @skip(if: $no) { number } } \
              fragment Both on Query { a: tasks { ...T } ...Nested } fragment Nested on Query { b: tasks { ...T } } \
              fragment T on Task { id }"
            ]
        );
        let data = ada
            .run(query, json!({ "yes": false, "no": true }))
            .await
            .data();
        assert_eq!(data, json!({ "n": { "id": ada.id } }));
        assert_eq!(upstream.asked().len(), 1, "nothing of it is included");
    });
}

#[test]
fn a_renamed_type_of_ours_has_its_other_name_for_clients() {
    let prefixed = |config: &mut gatelodge::config::Config| {
        use_schema(config, "users.graphql");
        config.upstream.as_mut().unwrap().type_prefix = "Gate".to_owned();
    };
    let answer = |_: &super::Asked| graphql(r#"{"data":{"owner":{"__typename":"User"}}}"#);
    with_service(prefixed, answer, async |app, upstream| {
        let ada = app.register("ada").await;
        let query = "query($id: ID!) { node(id: $id) { __typename ...U ... on GateUser { username } } owner { ...T } }
            fragment U on GateUser { id } fragment T on User { __typename }";
        let reply = ada.run(query, json!({ "id": ada.id })).await;
        assert_eq!(
            reply.data(),
            json!({
                "node": { "__typename": "GateUser", "id": ada.id, "username": "ada" },
                "owner": { "__typename": "User" },
            })
        );
        assert_eq!(
            upstream.queries(),
            ["query { owner { ...T } } fragment T on User { __typename }"]
        );
        // A user of ours is not the service's `User`.
        let theirs = "query($id: ID!) { node(id: $id) { ... on User { id } } }";
        let reply = ada.run(theirs, json!({ "id": ada.id })).await;
        assert_eq!(reply.data(), json!({ "node": {} }));
        assert_eq!(upstream.asked().len(), 1);
        let shown = ask(
            &ada,
            "{ __type(name: \"GateUser\") { name } me { __typename } }",
        )
        .await
        .data();
        assert_eq!(
            shown,
            json!({ "__type": { "name": "GateUser" }, "me": { "__typename": "GateUser" } })
        );
    });
}
