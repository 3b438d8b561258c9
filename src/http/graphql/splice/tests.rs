//! Tests of splicing.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// Splices an answer that arrives in pieces of some bytes.
fn splice(answer: &str, piece: usize) -> Result<String, Malformed> {
    let mut splicer = Splicer::new(Some("me"));
    let mut out = vec![];
    for bytes in answer.as_bytes().chunks(piece) {
        out.extend(splicer.push(bytes)?);
    }
    splicer.finish()?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn the_identity_is_added_wherever_the_extensions_are() {
    for (answer, expected) in [
        ("{}", r#"{"extensions":{"identity":"me"}}"#),
        (
            r#"{"data":{"a":12345678901234567890123,"b":1.10}}"#,
            r#"{"data":{"a":12345678901234567890123,"b":1.10},"extensions":{"identity":"me"}}"#,
        ),
        (
            r#" { "extensions" : { } , "data" : null } "#,
            r#"{"extensions":{"identity":"me"},"data":null}"#,
        ),
        (
            r#"{"data":{"extensions":{"x":1}},"extensions":{"trace":[1,{"identity":2}],"x":"}"}}"#,
            r#"{"data":{"extensions":{"x":1}},"extensions":{"identity":"me","trace":[1,{"identity":2}],"x":"}"}}"#,
        ),
        (
            r#"{"extensions":null,"errors":[{"message":"a \" } b"}]}"#,
            r#"{"extensions":{"identity":"me"},"errors":[{"message":"a \" } b"}]}"#,
        ),
    ] {
        for piece in 1..=answer.len() {
            assert_eq!(splice(answer, piece).as_deref(), Ok(expected), "{piece}");
        }
    }
}

#[test]
fn an_identity_of_the_upstream_is_dropped_in_every_spelling() {
    for answer in [
        r#"{"extensions":{"identity":"forged","a":1}}"#,
        r#"{"extensions":{"a":1,"\u0069dentity":{"x":["forged"]}}}"#,
        r#"{"extensions":{"identity":"forged","identity":"forged","a":1}}"#,
        r#"{"extensions":{"a":1},"extensions":{"identity":"forged"}}"#,
        r#"{"extensions":{"a":1},"\u0065xtensions":{"identity":"forged"}}"#,
    ] {
        let spliced = splice(answer, 7).unwrap();
        let expected = json!({"extensions": {"identity": "me", "a": 1}});
        assert_eq!(serde_json::from_str::<Value>(&spliced).unwrap(), expected);
        assert!(!spliced.contains("forged"), "{spliced}");
    }
}

#[test]
fn what_is_not_one_complete_object_is_refused() {
    for answer in [
        "",
        " ",
        "[]",
        "null",
        "\"x\"",
        "{",
        "{\"data\"",
        "{\"data\":",
        "{\"data\":1",
        "{\"data\":{}",
        "{\"data\":1}}",
        "{\"data\":1} {}",
        "{,}",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{\"a\":}",
        "\u{feff}{}",
        "{\"extensions\":{\"a\":1}",
        "{\"extensions\":{\"a\":1,}}",
        "<html>",
    ] {
        for piece in [1, 1000] {
            assert_eq!(splice(answer, piece), Err(Malformed), "{answer}");
        }
    }
}

#[test]
fn without_an_identity_only_the_upstreams_is_dropped() {
    let mut splicer = Splicer::new(None);
    let out = splicer.push(br#"{"data":1,"extensions":{"identity":2,"a":3}}"#);
    assert_eq!(out.unwrap(), br#"{"data":1,"extensions":{"a":3}}"#);
    assert_eq!(splicer.finish(), Ok(()));
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("identity|extensions|[a-z\"\\\\{}]{0,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_but_the_identity_changes(
        members in prop::collection::hash_map("data|errors|extensions|[a-z]{0,3}", json_value(), 0..4),
        piece in 1_usize..40,
        is_pretty in any::<bool>(),
    ) {
        let mut expected = Value::Object(members.into_iter().collect());
        let text = if is_pretty {
            serde_json::to_string_pretty(&expected).unwrap()
        } else {
            expected.to_string()
        };
        let spliced: Value = serde_json::from_str(&splice(&text, piece).unwrap()).unwrap();
        if !expected["extensions"].is_object() {
            expected["extensions"] = json!({});
        }
        expected["extensions"]["identity"] = json!("me");
        prop_assert_eq!(spliced, expected);
    }
}
