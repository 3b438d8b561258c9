//! What can still be read of a JSON object that cannot be read as a whole, so that its person is told by name.

use std::{borrow::Cow, fmt};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The fields that are kept: there may be millions of others.
const KEPT: [&str; 5] = ["external_id", "pk", "model", "username", "password"];

/// The fields of an object that tell whose it is, as far as it can be read.
#[derive(Default)]
pub struct Salvage {
    fields: Vec<(String, Box<RawValue>)>,
    /// Whether it was read whole: only then it tells anything that a field is not there.
    pub is_whole: bool,
}

/// Goes through an object.
struct Walk<'a> {
    /// The field whose own fields are read as if they stood beside it.
    opened: Option<&'a str>,
    fields: &'a mut Vec<(String, Box<RawValue>)>,
}

impl Salvage {
    /// Of an object's bytes; the fields of the object in the field `opened` are read, too.
    pub fn of(bytes: &[u8], opened: Option<&str>) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut json = serde_json::Deserializer::from_str(&text);
        let mut salvage = Self::default();
        let walk = Walk {
            opened,
            fields: &mut salvage.fields,
        };
        salvage.is_whole = walk.deserialize(&mut json).is_ok() && json.end().is_ok();
        salvage
    }

    /// A field's text or number.
    pub fn text(&self, field: &str) -> Option<String> {
        let raw = self.raw(field)?.get();
        if let Some(within) = raw.strip_prefix('"') {
            let text = serde_json::from_str(raw).ok();
            // What stands for no character is told as it is written.
            return text.or_else(|| Some(within.trim_end_matches('"').to_owned()));
        }
        let is_number = raw.starts_with(|first: char| first.is_ascii_digit() || first == '-');
        is_number.then(|| raw.to_owned())
    }

    /// Whether there is such a field.
    pub fn has(&self, field: &str) -> bool {
        self.raw(field).is_some()
    }

    fn raw(&self, field: &str) -> Option<&RawValue> {
        let found = self.fields.iter().find(|(name, _)| name == field);
        found.map(|(_, raw)| &**raw)
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            if Some(&*name) == self.opened {
                map.next_value_seed(Walk {
                    opened: None,
                    fields: self.fields,
                })?;
            } else if KEPT.contains(&&*name) && !self.fields.iter().any(|(kept, _)| *kept == name) {
                // Raw: half a character in a field does not hide the next.
                self.fields.push((name.into_owned(), map.next_value()?));
            } else {
                // Nor do a thousand brackets: what is ignored is not recursed into.
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}
