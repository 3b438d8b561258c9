//! Writes our part of an answer as JSON: with the joined fields of the upstream, and with the names that types have in the
//! merged schema.

use async_graphql::{Name, Value, indexmap::IndexMap};

use super::{
    super::{
        library::TYPE_KEY,
        select::{Fields, Selected, Set},
    },
    joined::JoinedValues,
};
use crate::graphql::split::UpstreamFacts;

/// A non-null value is null.
pub struct Null;

/// Writes values.
pub struct Writer<'w> {
    /// The values of joined fields.
    pub joined: &'w JoinedValues<'w>,
    /// The names of types, and which joined fields may be null.
    pub facts: &'w UpstreamFacts,
}

impl Writer<'_> {
    /// Returns the JSON text of a root field.
    pub fn root(&self, selected: &Selected<'_>, value: &Value) -> Result<String, Null> {
        let mut out = String::new();
        self.value(selected, selected.field.ty(), value, &mut out)?;
        Ok(out)
    }

    /// Writes a value. If a joined field below it is null and must not be, the value becomes null, if it may.
    fn value(
        &self,
        selected: &Selected<'_>,
        ty: &apollo_compiler::ast::Type,
        value: &Value,
        out: &mut String,
    ) -> Result<(), Null> {
        let begin = out.len();
        let written = match value {
            Value::List(items) => self.list(selected, ty, items, out),
            Value::Object(object) => self.named(&selected.set, object, out),
            Value::String(name) if selected.field.name == "__typename" => {
                out.push_str(&json(self.facts.shown_name(name)));
                Ok(())
            }
            leaf => {
                out.push_str(&json(leaf));
                Ok(())
            }
        };
        match written {
            Err(Null) if ty.is_non_null() => Err(Null),
            Err(Null) => {
                out.truncate(begin);
                out.push_str("null");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn list(
        &self,
        selected: &Selected<'_>,
        ty: &apollo_compiler::ast::Type,
        items: &[Value],
        out: &mut String,
    ) -> Result<(), Null> {
        out.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            self.value(selected, ty.item_type(), item, out)?;
        }
        out.push(']');
        Ok(())
    }

    fn named(
        &self,
        set: &Set<'_>,
        object: &IndexMap<Name, Value>,
        out: &mut String,
    ) -> Result<(), Null> {
        if let Some(fields) = fields_of(set, object) {
            return self.object(fields, object, out);
        }
        out.push_str(&json(object));
        Ok(())
    }

    fn object(
        &self,
        fields: &Fields<'_>,
        object: &IndexMap<Name, Value>,
        out: &mut String,
    ) -> Result<(), Null> {
        out.push('{');
        for (index, selected) in fields.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            out.push_str(&json(selected.key.as_str()));
            out.push(':');
            let value = object.get(selected.key.as_str()).unwrap_or(&Value::Null);
            let Some(field) = selected.joined.first() else {
                self.value(selected, selected.field.ty(), value, out)?;
                continue;
            };
            let raw = self.joined.value(fields, value, selected.key);
            match raw.filter(|raw| *raw != "null") {
                Some(raw) => out.push_str(raw),
                None if self.facts.user_fields.get(&field.name) == Some(&true) => {
                    out.push_str("null");
                }
                None => return Err(Null),
            }
        }
        out.push('}');
        Ok(())
    }
}

/// Returns the selected fields of an object.
pub fn fields_of<'s, 'd>(
    set: &'s Set<'d>,
    object: &IndexMap<Name, Value>,
) -> Option<&'s Fields<'d>> {
    match set {
        Set::Leaf => None,
        Set::Object(fields) => Some(fields),
        Set::Abstract(by_type) => match object.get(TYPE_KEY) {
            Some(Value::String(name)) => by_type
                .iter()
                .find(|(ty, _)| ty.as_str() == name)
                .map(|(_, fields)| fields),
            _ => None,
        },
    }
}

/// Returns the JSON text of a value. Values of GraphQL always have one.
fn json(value: &(impl serde::Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}
