//! An error of the upstream. Its members stay JSON text, and what is read of them has bounds.

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error},
};
use serde_json::value::{RawValue, to_raw_value};

use super::{
    answer::Object,
    bounded_json::{Keys, List},
};

/// Maximum number of members of one error.
const MAX_KEYS: usize = 100;
/// Maximum number of segments of a path that is read.
const MAX_SEGMENTS: usize = 1000;
/// Maximum number of positions that are read.
const MAX_LOCATIONS: usize = 100;

/// An error of the upstream: its members, of which `message` is a string.
pub struct UpstreamProblem(pub Object);

/// A position in a document.
#[derive(Clone, Copy, Deserialize, Serialize)]
pub struct Location {
    pub line: u32,
    pub column: u32,
}

impl<'de> Deserialize<'de> for UpstreamProblem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Keys(members) = Keys::<MAX_KEYS>::deserialize(deserializer)?;
        // Clients show it, so it must be there (GraphQL, section 7.1.2).
        let message = members.get("message").map(|message| message.get());
        if message.is_some_and(|message| message.starts_with('"')) {
            Ok(Self(members))
        } else {
            Err(D::Error::missing_field("message"))
        }
    }
}

impl UpstreamProblem {
    /// Returns the key of the root field that its path begins with.
    pub fn root_key(&self) -> Option<String> {
        serde_json::from_str(self.path().first()?.get()).ok()
    }

    /// Returns the segments of its path, as JSON text. It is empty if there is none, or none that can be read.
    pub fn path(&self) -> Vec<Box<RawValue>> {
        let segments: Option<List<Box<RawValue>, MAX_SEGMENTS>> = self.member("path");
        let segments = segments.map_or_else(Vec::new, |List(segments)| segments);
        if segments.iter().all(|segment| is_segment(segment)) {
            segments
        } else {
            vec![]
        }
    }

    /// Returns its positions. Without any that can be read, there are none.
    pub fn locations(&self) -> Vec<Location> {
        let locations: Option<List<Location, MAX_LOCATIONS>> = self.member("locations");
        locations.map_or_else(Vec::new, |List(locations)| locations)
    }

    /// Sets a member, or removes it.
    pub fn set<T: Serialize>(&mut self, key: &str, value: Option<T>) {
        match value.and_then(|value| to_raw_value(&value).ok()) {
            Some(value) => {
                self.0.insert(key.to_owned(), value);
            }
            None => {
                self.0.shift_remove(key);
            }
        }
    }

    fn member<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_str(self.0.get(key)?.get()).ok()
    }
}

/// Returns whether a value can be in a path: a key or an index (GraphQL, section 7.1.2).
fn is_segment(value: &RawValue) -> bool {
    let first = value.get().as_bytes().first();
    first.is_some_and(|first| *first == b'"' || first.is_ascii_digit())
}
