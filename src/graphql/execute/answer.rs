//! An answer that was composed of parts, and the upstream's part of it.
//!
//! The upstream's values stay JSON text: a parsed number may have lost digits.

use std::collections::HashMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};
use serde_json::value::{RawValue, to_raw_value};

/// An answer of several parts.
#[derive(Serialize)]
pub struct ComposedAnswer {
    /// The data; `None` is null.
    pub data: Option<Object>,
    /// The errors.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Box<RawValue>>,
    /// The extensions, without the identity.
    pub extensions: Object,
}

/// A JSON object: its keys in order, and their values as JSON text.
#[derive(Default)]
pub struct Object(pub Vec<(String, Box<RawValue>)>);

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl ComposedAnswer {
    /// Adds an error, or any other value that has a JSON form.
    pub fn push_error(&mut self, error: &impl Serialize) {
        self.errors.extend(to_raw_value(error));
    }

    /// Sets an extension, and replaces one with the same key.
    pub fn set_extension(&mut self, key: &str, value: &impl Serialize) {
        self.extensions.0.retain(|(other, _)| other != key);
        if let Ok(value) = to_raw_value(value) {
            self.extensions.0.push((key.to_owned(), value));
        }
    }
}

/// An answer of the upstream.
#[derive(Deserialize)]
pub struct UpstreamAnswer {
    /// The data.
    #[serde(default)]
    pub data: UpstreamData,
    /// The errors.
    #[serde(default)]
    pub errors: Option<Vec<Box<RawValue>>>,
    /// The extensions.
    #[serde(default)]
    pub extensions: Option<HashMap<String, Box<RawValue>>>,
}

impl UpstreamAnswer {
    /// Parses an answer: an object with data or errors (GraphQL, section 7.1).
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        // serde would also read the members from a list.
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if first != Some(&b'{') {
            return None;
        }
        let answer: Self = serde_json::from_slice(bytes).ok()?;
        let has_errors = answer
            .errors
            .as_ref()
            .is_some_and(|errors| !errors.is_empty());
        (matches!(answer.data, UpstreamData::Object(_)) || has_errors).then_some(answer)
    }
}

/// The data of an answer.
#[derive(Default)]
pub enum UpstreamData {
    /// There is none: the upstream refused the document.
    #[default]
    Missing,
    /// It is null: a root field failed that may not be null.
    Null,
    /// The values of the root fields.
    Object(HashMap<String, Box<RawValue>>),
}

impl<'de> Deserialize<'de> for UpstreamData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = Option::deserialize(deserializer)?;
        Ok(object.map_or(Self::Null, Self::Object))
    }
}
