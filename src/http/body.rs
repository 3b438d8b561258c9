//! The parts of a GraphQL request, from a POST's body or a GET's query string; strict about both.

use std::{fmt, time::Duration};

use async_graphql::Variables;
use axum::{
    body::{Body, HttpBody, to_bytes},
    http::Uri,
};
use serde::{
    Deserialize,
    de::{self, Deserializer, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};
use url::form_urlencoded;

use super::Refusal;
use crate::graphql::{code::ErrorCode, guard::OperationRequest};

/// The request's JSON; unknown keys mean nothing, and a key twice is an error.
///
/// Two parsers that disagree on which of two equal keys counts are how a filter in front is got round.
#[derive(Deserialize)]
struct Parts {
    query: String,
    #[serde(rename = "operationName", default)]
    operation_name: Option<String>,
    #[serde(default)]
    variables: Option<StrictObject>,
    #[serde(default)]
    extensions: Option<StrictObject>,
}

/// Reads a body to its end, but not more of it, and not longer, than allowed.
pub async fn read(body: Body, most: usize, patience: Duration) -> Result<Vec<u8>, Refusal> {
    let too_large = || Refusal::new(ErrorCode::PayloadTooLarge, "The request is too large");
    // Said in advance, it is refused before a byte of it is read, and before a client is told to go on (100).
    if body.size_hint().lower() > most as u64 {
        return Err(too_large());
    }
    match tokio::time::timeout(patience, to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        Ok(Err(error)) if is_length_limit(&error) => Err(too_large()),
        Ok(Err(_)) => Err(Refusal::new(ErrorCode::BadRequest, "The body broke off")),
        Err(_) => Err(Refusal::new(
            ErrorCode::RequestTimeout,
            "The body took too long to arrive",
        )),
    }
}

fn is_length_limit(error: &axum::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        source = error.source();
    }
    false
}

/// Reads a POST's body.
pub fn from_json(bytes: &[u8]) -> Result<OperationRequest, Refusal> {
    // The parser's own words quote the body, where a password may stand.
    serde_json::from_slice::<Parts>(bytes)
        .map(Into::into)
        .map_err(|_| {
            Refusal::new(
                ErrorCode::BadRequest,
                "The body must be one JSON object in UTF-8 with a query, and may have operationName, variables and \
                 extensions",
            )
        })
}

/// Reads a GET's query string.
pub fn from_query(uri: &Uri) -> Result<OperationRequest, Refusal> {
    let refused = |message| Refusal::new(ErrorCode::BadRequest, message);
    let mut query = None;
    let mut operation_name = None;
    let mut variables = None;
    let mut extensions = None;
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        let part = match &*name {
            "query" => &mut query,
            "operationName" => &mut operation_name,
            "variables" => &mut variables,
            "extensions" => &mut extensions,
            _ => continue,
        };
        if part.replace(value.into_owned()).is_some() {
            return Err(refused("A part of the request is there twice"));
        }
    }
    let object = |json: Option<String>| {
        json.filter(|json| !json.is_empty())
            .map(|json| serde_json::from_str::<Option<StrictObject>>(&json))
            .transpose()
            .map(Option::flatten)
            .map_err(|_| refused("Variables and extensions must be JSON objects"))
    };
    Ok(Parts {
        query: query.ok_or_else(|| refused("There must be a query"))?,
        operation_name,
        variables: object(variables)?,
        extensions: object(extensions)?,
    }
    .into())
}

impl From<Parts> for OperationRequest {
    fn from(parts: Parts) -> Self {
        // Extensions are read so that wrong ones are refused; none is known.
        let _ = parts.extensions;
        Self {
            query: parts.query,
            // GraphQL names are never empty: clients mean "none".
            operation_name: parts.operation_name.filter(|name| !name.is_empty()),
            variables: parts.variables.map_or_else(Variables::default, |object| {
                Variables::from_json(Value::Object(object.0))
            }),
        }
    }
}

/// A JSON object in which no object, however deep, has a key twice.
struct StrictObject(Map<String, Value>);

impl<'de> Deserialize<'de> for StrictObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(StrictVisitor)? {
            Value::Object(object) => Ok(Self(object)),
            _ => Err(de::Error::custom("not an object")),
        }
    }
}

struct StrictValue(Value);

impl<'de> Deserialize<'de> for StrictValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without a key twice")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(StrictValue(value)) = access.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, StrictValue(value))) = access.next_entry::<String, _>()? {
            if object.insert(key, value).is_some() {
                return Err(de::Error::custom("a key twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_twice_is_refused_at_every_depth() {
        assert!(
            from_json(br#"{"query":"{a}","variables":{"a":{"b":1,"c":[null,1.5,"x",true,-1]}}}"#)
                .is_ok()
        );
        for twice in [
            r#"{"query":"{a}","query":"{b}"}"#,
            r#"{"query":"{a}","variables":{"a":1,"a":2}}"#,
            r#"{"query":"{a}","variables":{"a":[{"b":1,"b":2}]}}"#,
        ] {
            assert!(from_json(twice.as_bytes()).is_err(), "{twice}");
        }
    }

    #[test]
    fn a_body_that_is_no_single_request_is_refused() {
        for wrong in [
            "",
            "{",
            "[]",
            "[{\"query\":\"{a}\"}]",
            "{}",
            "null",
            "{\"query\":null}",
            "{\"query\":\"{a}\"} x",
        ] {
            assert!(from_json(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert!(from_json(b"{\"query\":\"\xff\"}").is_err());
        assert!(from_json(br#"{"query":"\ud800"}"#).is_err());
        let nested = format!(
            "{{\"query\":\"{{a}}\",\"variables\":{{\"a\":{}",
            "[".repeat(100_000)
        );
        assert!(from_json(nested.as_bytes()).is_err());
    }

    #[test]
    fn an_error_never_repeats_the_body() {
        let error = from_json(br#"{"query":"{a}","variables":"hunter2"}"#).err();
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
