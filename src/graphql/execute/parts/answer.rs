//! An answer that was composed of parts.

use async_graphql::indexmap::IndexMap;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::upstream::MergeSlot;

/// A JSON object: its keys in order, and their values as JSON text. A parsed number may have lost digits.
pub type Object = IndexMap<String, Box<RawValue>>;

/// An answer of several parts.
#[derive(Default, Serialize)]
pub struct ComposedAnswer {
    /// The data; `None` is null.
    pub data: Option<Object>,
    /// The errors.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Box<RawValue>>,
    /// The extensions, without the identity.
    pub extensions: Object,
    /// The permission for large answers of the upstream. It is kept until the client has the answer.
    #[serde(skip)]
    pub slot: Option<MergeSlot>,
}

impl ComposedAnswer {
    /// Adds an error, or any other value that has a JSON form.
    pub fn push_error(&mut self, error: &impl Serialize) {
        self.errors.extend(to_raw_value(error));
    }

    /// Sets an extension, and replaces one with the same key.
    pub fn set_extension(&mut self, key: &str, value: &impl Serialize) {
        if let Ok(value) = to_raw_value(value) {
            self.extensions.insert(key.to_owned(), value);
        }
    }
}
