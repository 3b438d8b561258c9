//! Readers of JSON that stop at a bound: lists and objects of at most some members, and the members that were asked for.

use std::{borrow::Cow, collections::HashSet, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::answer::Object;

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

/// A list of at most `MAX` items.
pub struct List<T, const MAX: usize>(pub Vec<T>);

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
pub struct Keys<const MAX: usize>(pub Object);

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
