//! The JSON body of a request to the upstream. It is built again, so that it has no key twice and no unknown key.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

/// A request to the upstream.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope<'r> {
    /// The document.
    pub query: &'r str,
    /// The name of its operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation_name: Option<&'r str>,
    /// The variables, as the client wrote them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<&'r str, &'r RawValue>,
    /// The extensions that are allowed to pass.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extensions: BTreeMap<&'r str, &'r RawValue>,
}
