//! Parses a GraphQL request from a POST's body or a GET's query string, strictly.

use std::{collections::HashMap, time::Duration};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderMap, Uri, header},
};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};
use url::form_urlencoded;

use super::{document_id, strict_json::StrictObject};
use crate::{
    graphql::{
        error_code::ErrorCode,
        guard::{OperationRequest, RawParts},
    },
    http::ErrorResponse,
};

/// The parts of a request, with their types checked.
struct Parts {
    query: Option<String>,
    document_id: Option<String>,
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
    extensions: Option<Map<String, Value>>,
}

/// Maximum bytes of a too large body that are read and discarded. If the connection closed while the client is still
/// sending, the client would never see the error.
const DRAIN: usize = 16 * 1024 * 1024;
/// Timeout for discarding a body.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// Reads a body of at most `maximum` bytes. Fails if it is larger, or takes longer than `timeout`.
pub async fn read(
    headers: &HeaderMap,
    mut body: Body,
    maximum: usize,
    timeout: Duration,
) -> Result<Vec<u8>, ErrorResponse> {
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    // A client that sent `Expect: 100-continue` must not get the 100, and gigabytes are not worth discarding.
    if declared > maximum && (headers.contains_key(header::EXPECT) || declared > DRAIN) {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(declared.min(maximum));
    match tokio::time::timeout(timeout, collect(&mut body, maximum, &mut bytes)).await {
        Ok(Ok(())) => {}
        Ok(Err(_)) => {
            return Err(ErrorResponse::new(
                ErrorCode::BadRequest,
                "The body is incomplete",
            ));
        }
        Err(_) => {
            return Err(ErrorResponse::new(
                ErrorCode::RequestTimeout,
                "The body took too long to arrive",
            ));
        }
    }
    if bytes.len() > maximum {
        // The response is the same whether this succeeds or not.
        let _ = tokio::time::timeout(DRAIN_TIMEOUT, drain(&mut body)).await;
        return Err(too_large());
    }
    Ok(bytes)
}

/// Reads a body until it ends or is longer than `maximum`.
async fn collect(body: &mut Body, maximum: usize, bytes: &mut Vec<u8>) -> Result<(), axum::Error> {
    while bytes.len() <= maximum
        && let Some(frame) = body.frame().await
    {
        if let Ok(data) = frame?.into_data() {
            // A vector that doubles its capacity would take up to twice the limit.
            let needed = bytes.len() + data.len();
            if needed > bytes.capacity() {
                bytes.reserve_exact(maximum.max(needed) - bytes.len());
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(())
}

/// Reads the rest of a body and discards it.
async fn drain(body: &mut Body) {
    let mut length = 0;
    while length <= DRAIN
        && let Some(Ok(frame)) = body.frame().await
    {
        length += frame.data_ref().map_or(0, Bytes::len);
    }
}

fn too_large() -> ErrorResponse {
    ErrorResponse::new(ErrorCode::PayloadTooLarge, "The request is too large")
}

/// Whether a request's variables and extensions are also kept as they were written. An upstream needs them so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raw {
    /// They are not.
    Dropped,
    /// They are.
    Kept,
}

/// Parses a POST's body: one JSON object. Unknown keys are ignored.
pub fn from_json(bytes: &[u8], raw: Raw) -> Result<OperationRequest, ErrorResponse> {
    // The parser's error would quote the body, which may contain a password.
    let mut request = serde_json::from_slice::<StrictObject>(bytes)
        .ok()
        .and_then(|StrictObject(parts)| Parts::of(parts))
        .ok_or_else(|| {
            ErrorResponse::new(
                ErrorCode::BadRequest,
                "The body must be one JSON object in UTF-8. It must have a query or a document id, and may have \
                 operationName, variables and extensions",
            )
        })?
        .request()?;
    if raw == Raw::Kept {
        // No key occurs twice, so this reads the same values.
        let parts: RawObjects = serde_json::from_slice(bytes).map_err(|_| {
            ErrorResponse::new(ErrorCode::BadRequest, "The body cannot be forwarded")
        })?;
        request.raw = RawParts {
            variables: parts.variables.unwrap_or_default(),
            extensions: parts.extensions.unwrap_or_default(),
        };
    }
    Ok(request)
}

/// The objects of a request whose values stay JSON text.
#[derive(Default, Deserialize)]
struct RawObjects {
    variables: Option<HashMap<String, Box<RawValue>>>,
    extensions: Option<HashMap<String, Box<RawValue>>>,
}

/// Parses a GET's query string.
pub fn from_query(uri: &Uri, raw: Raw) -> Result<OperationRequest, ErrorResponse> {
    let refused = |message| ErrorResponse::new(ErrorCode::BadRequest, message);
    let mut query = None;
    let mut operation_name = None;
    let mut variables = None;
    let mut extensions = None;
    let mut document_id = None;
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        let part = match &*name {
            "query" => &mut query,
            "operationName" => &mut operation_name,
            "variables" => &mut variables,
            "extensions" => &mut extensions,
            "documentId" => &mut document_id,
            _ => continue,
        };
        if part.replace(value.into_owned()).is_some() {
            return Err(refused("A query parameter occurs twice"));
        }
    }
    let object = |json: &Option<String>| {
        json.as_deref()
            .filter(|json| !json.is_empty())
            .map(serde_json::from_str::<Option<StrictObject>>)
            .transpose()
            .map(|object| object.flatten().map(|StrictObject(object)| object))
            .map_err(|_| refused("Variables and extensions must be JSON objects"))
    };
    let mut request = Parts {
        query,
        document_id,
        operation_name,
        variables: object(&variables)?,
        extensions: object(&extensions)?,
    }
    .request()?;
    if raw == Raw::Kept {
        let values = |json: Option<String>| match json.filter(|json| !json.is_empty()) {
            None => Ok(HashMap::new()),
            Some(json) => serde_json::from_str::<Option<_>>(&json)
                .map(Option::unwrap_or_default)
                .map_err(|_| refused("Variables and extensions must be JSON objects")),
        };
        request.raw = RawParts {
            variables: values(variables)?,
            extensions: values(extensions)?,
        };
    }
    Ok(request)
}

impl Parts {
    /// Reads the parts of a JSON object. Returns `None` if a part has the wrong type. Null counts as absent.
    fn of(mut object: Map<String, Value>) -> Option<Self> {
        let mut take = |key| object.remove(key).filter(|value| !value.is_null());
        let as_object = |value| match value {
            None => Some(None),
            Some(Value::Object(object)) => Some(Some(object)),
            Some(_) => None,
        };
        let as_string = |value| match value {
            None => Some(None),
            Some(Value::String(text)) => Some(Some(text)),
            Some(_) => None,
        };
        Some(Self {
            query: as_string(take("query"))?,
            document_id: as_string(take("documentId"))?,
            operation_name: as_string(take("operationName"))?,
            variables: as_object(take("variables"))?,
            extensions: as_object(take("extensions"))?,
        })
    }

    /// Returns the request. Its document is given by its text, its id, or both.
    fn request(self) -> Result<OperationRequest, ErrorResponse> {
        let document_id = document_id::read(
            self.query.as_deref(),
            self.document_id,
            self.extensions.as_ref(),
        )?;
        if self.query.is_none() && document_id.is_none() {
            let message = "The request must have a query or a document id";
            return Err(ErrorResponse::new(ErrorCode::BadRequest, message));
        }
        Ok(OperationRequest {
            accepts_events: false,
            query: self.query,
            document_id,
            // GraphQL names are never empty: an empty name means none.
            operation_name: self.operation_name.filter(|name| !name.is_empty()),
            variables: self.variables.unwrap_or_default(),
            raw: RawParts::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duplicate_key_is_refused_at_every_depth() {
        assert!(
            from_json(
                br#"{"query":"{a}","variables":{"a":{"b":1,"c":[null,1.5,"x",true,-1]}}}"#,
                Raw::Dropped
            )
            .is_ok()
        );
        for twice in [
            r#"{"query":"{a}","query":"{b}"}"#,
            r#"{"query":"{a}","x":1,"x":2}"#,
            r#"{"query":"{a}","variables":{"a":1,"a":2}}"#,
            r#"{"query":"{a}","variables":{"a":[{"b":1,"b":2}]}}"#,
        ] {
            assert!(
                from_json(twice.as_bytes(), Raw::Dropped).is_err(),
                "{twice}"
            );
        }
    }

    #[test]
    fn a_body_that_is_not_a_single_request_is_refused() {
        for wrong in [
            "",
            "{",
            "[]",
            "[{\"query\":\"{a}\"}]",
            "[\"{a}\"]",
            "[\"{a}\",null,null,null]",
            "{}",
            "null",
            "{\"query\":null}",
            "{\"query\":\"{a}\"} x",
        ] {
            assert!(
                from_json(wrong.as_bytes(), Raw::Dropped).is_err(),
                "{wrong}"
            );
        }
        assert!(from_json(b"{\"query\":\"\xff\"}", Raw::Dropped).is_err());
        assert!(from_json(br#"{"query":"\ud800"}"#, Raw::Dropped).is_err());
        let nested = format!(
            "{{\"query\":\"{{a}}\",\"variables\":{{\"a\":{}",
            "[".repeat(100_000)
        );
        assert!(from_json(nested.as_bytes(), Raw::Dropped).is_err());
    }

    #[test]
    fn an_error_never_repeats_the_body() {
        let error = from_json(br#"{"query":"{a}","variables":"hunter2"}"#, Raw::Dropped).err();
        assert!(error.is_some());
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
