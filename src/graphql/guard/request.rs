//! A request as it was received.

use std::collections::HashMap;

use serde_json::{Map, Value, value::RawValue};

/// A request as it was received, not yet checked.
#[derive(Default)]
pub struct OperationRequest {
    /// The document's text; `None` if the client sent only its id.
    pub query: Option<String>,
    /// The document's id in the form of [`normal_id`]: its SHA-256, which matches the text if there is one, or the id
    /// of a trusted document.
    pub document_id: Option<String>,
    /// The name of the operation to run.
    pub operation_name: Option<String>,
    /// The variables' values.
    pub variables: Map<String, Value>,
    /// Whether the client can receive the events of a subscription.
    pub accepts_events: bool,
    /// The same values and the extensions as the client wrote them, for the upstream.
    pub raw: RawParts,
}

/// Parts of a request as JSON text. A parsed number may have lost digits.
#[derive(Default)]
pub struct RawParts {
    /// The variables' values.
    pub variables: HashMap<String, Box<RawValue>>,
    /// The extensions.
    pub extensions: HashMap<String, Box<RawValue>>,
}

/// Normalizes an id: removes the prefix `sha256:`, and writes a SHA-256 in lower case.
pub fn normal_id(id: &str) -> String {
    let id = id.strip_prefix("sha256:").unwrap_or(id);
    if is_sha256(id) {
        id.to_ascii_lowercase()
    } else {
        id.to_owned()
    }
}

/// Whether an id has the form of a SHA-256 in hexadecimal digits.
pub fn is_sha256(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}
