//! An answer of the upstream, read within bounds: memory and time grow with what was asked for, and not with what the
//! upstream sends beside it.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{
    answer::Object,
    bounded_json::{Keys, List, values_of},
    upstream_problem::UpstreamProblem,
};

/// Maximum number of errors of one answer.
pub const MAX_ERRORS: usize = 1000;
/// Maximum number of keys in the extensions of one answer.
const MAX_KEYS: usize = 100;

/// An answer of the upstream.
pub struct UpstreamAnswer {
    /// The data.
    pub data: UpstreamData,
    /// The errors.
    pub errors: Vec<UpstreamProblem>,
    /// The extensions.
    pub extensions: Object,
}

/// The data of an answer.
pub enum UpstreamData {
    /// There is none: the upstream refused the document.
    Missing,
    /// It is null: a root field failed that may not be null.
    Null,
    /// The values of the root fields.
    Object(Box<RawValue>),
}

/// The members of an answer, as JSON text.
#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
    #[serde(borrow)]
    extensions: Option<&'a RawValue>,
}

/// Reads `null` as a value that is there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl UpstreamAnswer {
    /// Parses an answer to be merged: an object with data, or with data that is null or missing and errors that say why
    /// (GraphQL, section 7.1). An empty list of errors beside data counts as none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        read::<MAX_ERRORS, MAX_KEYS>(bytes)
    }

    /// Returns whether the upstream ran the document, or `None` if these bytes are no answer.
    ///
    /// The form is checked as [`UpstreamAnswer::parse`] does it. The maximum numbers are for merged answers alone.
    pub fn has_data(bytes: &[u8]) -> Option<bool> {
        let answer = read::<{ usize::MAX }, { usize::MAX }>(bytes)?;
        Some(!matches!(answer.data, UpstreamData::Missing))
    }
}

/// Reads an answer of at most this many errors and keys of extensions.
fn read<const ERRORS: usize, const KEYS: usize>(bytes: &[u8]) -> Option<UpstreamAnswer> {
    // serde would also read the members from a list.
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'{') {
        return None;
    }
    let members: Members<'_> = serde_json::from_slice(bytes).ok()?;
    let errors: Option<List<UpstreamProblem, ERRORS>> = parse(members.errors).ok()?;
    let errors = errors.map_or_else(Vec::new, |List(errors)| errors);
    let extensions: Option<Keys<KEYS>> = parse(members.extensions).ok()?;
    let data = match members.data {
        None => UpstreamData::Missing,
        Some(data) if data.get() == "null" => UpstreamData::Null,
        Some(data) if data.get().starts_with('{') => UpstreamData::Object(data.to_owned()),
        Some(_) => return None,
    };
    if errors.is_empty() && !matches!(data, UpstreamData::Object(_)) {
        return None;
    }
    Some(UpstreamAnswer {
        data,
        errors,
        extensions: extensions.map_or_else(Object::new, |Keys(extensions)| extensions),
    })
}

fn parse<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> serde_json::Result<Option<T>> {
    raw.map_or(Ok(None), |raw| serde_json::from_str(raw.get()))
}

impl UpstreamData {
    /// Returns the values of the keys that were asked for.
    pub fn values<'k>(&self, keys: impl Iterator<Item = &'k str>) -> Object {
        let Self::Object(raw) = self else {
            return Object::new();
        };
        values_of(raw, &keys.collect()).unwrap_or_default()
    }
}
