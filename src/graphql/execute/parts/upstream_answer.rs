//! An answer of the upstream, read within bounds: memory and time grow with what was asked for, and not with what the
//! upstream sends beside it.

use std::{borrow::Cow, collections::HashSet, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::{RawValue, to_raw_value};

use super::answer::Object;
use crate::upstream::MergeSlot;

/// Maximum number of errors of one answer.
pub const MAX_ERRORS: usize = 1000;
/// Maximum number of keys in the extensions of one answer, and in one error.
const MAX_KEYS: usize = 100;

/// An answer of the upstream.
pub struct UpstreamAnswer {
    /// The data.
    pub data: UpstreamData,
    /// The errors.
    pub errors: Vec<UpstreamProblem>,
    /// The extensions.
    pub extensions: Object,
    /// The permission for a large answer.
    pub slot: Option<MergeSlot>,
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

/// An error of the upstream: its members, of which `message` is a string.
pub struct UpstreamProblem(pub Object);

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
    /// Parses an answer: an object with data, or with data that is null or missing and errors that say why (GraphQL, section
    /// 7.1). An empty list of errors beside data counts as none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (members, errors) = Members::read(bytes)?;
        let extensions: Option<Keys<MAX_KEYS>> = parse(members.extensions).ok()?;
        Some(Self {
            data: match members.data {
                None => UpstreamData::Missing,
                Some(data) if data.get() == "null" => UpstreamData::Null,
                Some(data) => UpstreamData::Object(data.to_owned()),
            },
            errors,
            extensions: extensions.map_or_else(Object::new, |Keys(extensions)| extensions),
            slot: None,
        })
    }

    /// Returns whether the upstream ran the document, or `None` if these bytes are no answer as [`UpstreamAnswer::parse`]
    /// reads it.
    pub fn has_data(bytes: &[u8]) -> Option<bool> {
        Some(Members::read(bytes)?.0.data.is_some())
    }
}

impl<'a> Members<'a> {
    /// Reads the members of an answer, and its errors.
    fn read(bytes: &'a [u8]) -> Option<(Self, Vec<UpstreamProblem>)> {
        // serde would also read the members from a list.
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if first != Some(&b'{') {
            return None;
        }
        let members: Self = serde_json::from_slice(bytes).ok()?;
        let errors: Option<List<UpstreamProblem, MAX_ERRORS>> = parse(members.errors).ok()?;
        let errors = errors.map_or_else(Vec::new, |List(errors)| errors);
        let is_answer = match members.data.map(RawValue::get) {
            None | Some("null") => !errors.is_empty(),
            Some(data) => data.starts_with('{'),
        };
        is_answer.then_some((members, errors))
    }
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

/// Returns the values of some keys of a JSON object. Others are skipped. `None` if it is no object.
pub fn values_of(raw: &RawValue, keys: &HashSet<&str>) -> Option<Object> {
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    Wanted(keys).deserialize(&mut deserializer).ok()
}

/// Returns the values of some keys of each object of a JSON list of exactly `length`. Entries may be null.
pub fn values_of_each(
    raw: &RawValue,
    length: usize,
    keys: &HashSet<&str>,
) -> Option<Vec<Option<Object>>> {
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    let list = Entries { length, keys };
    list.deserialize(&mut deserializer).ok()
}

fn parse<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> serde_json::Result<Option<T>> {
    raw.map_or(Ok(None), |raw| serde_json::from_str(raw.get()))
}

/// A list of at most `MAX` items.
struct List<T, const MAX: usize>(Vec<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T, const MAX: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Items<T, MAX> {
            type Value = List<T, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {MAX} items")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut all = vec![];
                while let Some(item) = items.next_element()? {
                    if all.len() == MAX {
                        return Err(de::Error::invalid_length(MAX, &self));
                    }
                    all.push(item);
                }
                Ok(List(all))
            }
        }
        deserializer.deserialize_seq(Items::<T, MAX>(PhantomData))
    }
}

/// An object of at most `MAX` keys, none of them twice.
struct Keys<const MAX: usize>(Object);

impl<'de, const MAX: usize> Deserialize<'de> for Keys<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<const MAX: usize>;
        impl<'de, const MAX: usize> Visitor<'de> for Members<MAX> {
            type Value = Keys<MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an object of at most {MAX} different keys")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
                let mut object = Object::new();
                while let Some((key, value)) = members.next_entry()? {
                    if object.len() == MAX || object.insert(key, value).is_some() {
                        return Err(de::Error::invalid_length(MAX, &self));
                    }
                }
                Ok(Keys(object))
            }
        }
        deserializer.deserialize_map(Members::<MAX>)
    }
}

impl<'de> Deserialize<'de> for UpstreamProblem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Keys(members) = Keys::<MAX_KEYS>::deserialize(deserializer)?;
        // Clients show it, so it must be there (GraphQL, section 7.1.2).
        let message = members.get("message").map(|message| message.get());
        if message.is_some_and(|message| message.starts_with('"')) {
            Ok(Self(members))
        } else {
            Err(de::Error::missing_field("message"))
        }
    }
}

impl UpstreamProblem {
    /// Returns the key of the root field that its path begins with.
    pub fn root_key(&self) -> Option<String> {
        let path = self.path();
        path.first()?.as_str().map(str::to_owned)
    }

    /// Returns its path. It is empty if there is none, or none that can be read.
    pub fn path(&self) -> Vec<serde_json::Value> {
        self.member("path").unwrap_or_default()
    }

    /// Returns its positions: lines and columns. Without any that can be read, there are none.
    pub fn locations(&self) -> Vec<(usize, usize)> {
        #[derive(Deserialize)]
        struct Location {
            line: usize,
            column: usize,
        }
        let locations: Vec<Location> = self.member("locations").unwrap_or_default();
        let pairs = locations.into_iter();
        pairs
            .map(|Location { line, column }| (line, column))
            .collect()
    }

    /// Sets a member, or removes it.
    pub fn set<T: serde::Serialize>(&mut self, key: &str, value: Option<T>) {
        match value.and_then(|value| to_raw_value(&value).ok()) {
            Some(value) => {
                self.0.insert(key.to_owned(), value);
            }
            None => {
                self.0.shift_remove(key);
            }
        }
    }

    fn member<T: de::DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_str(self.0.get(key)?.get()).ok()
    }
}

/// Reads the values of some keys of an object.
#[derive(Clone, Copy)]
struct Wanted<'k>(&'k HashSet<&'k str>);

impl<'de> DeserializeSeed<'de> for Wanted<'_> {
    type Value = Object;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Object, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Object, A::Error> {
        let mut object = Object::new();
        while let Some(key) = members.next_key::<Cow<'_, str>>()? {
            if self.0.contains(&*key) {
                object.insert(key.into_owned(), members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(object)
    }
}

/// Reads a list of objects, of each the values of some keys.
struct Entries<'k> {
    length: usize,
    keys: &'k HashSet<&'k str>,
}

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = Vec<Option<Object>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = Vec<Option<Object>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of {} entries", self.length)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut all = vec![];
        while let Some(item) = items.next_element::<Box<RawValue>>()? {
            if all.len() == self.length {
                return Err(de::Error::invalid_length(self.length + 1, &self));
            }
            all.push(match item.get() {
                "null" => None,
                _ => Some(values_of(&item, self.keys).ok_or_else(|| {
                    de::Error::invalid_type(de::Unexpected::Other("no object"), &self)
                })?),
            });
        }
        if all.len() < self.length {
            return Err(de::Error::invalid_length(all.len(), &self));
        }
        Ok(all)
    }
}
