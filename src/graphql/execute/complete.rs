//! Puts a result right by the specification (GraphQL, section 6.4.3, `CompleteValue`).
//!
//! The library answers keys in the order in which their resolvers end, leaves out fields that failed, and returns null for
//! an object all of whose fields failed. Here every selected key is present, in the document's order. A failed field is
//! null, and null where it may not be makes its parent null.

use apollo_compiler::ast::Type;
use async_graphql::{Name, PathSegment, ServerError, Value, indexmap::IndexMap};

use super::{
    library::TYPE_KEY,
    select::{Fields, Selected, Set},
};

/// A value is null that may not be.
struct Null;

/// Completes the data of an operation; null when a root field may not be null and is.
pub fn complete(fields: &Fields<'_>, data: Value, errors: &[ServerError]) -> Value {
    let complete = Complete { errors };
    let object = match data {
        Value::Object(object) => object,
        _ => IndexMap::new(),
    };
    complete
        .object(fields, object, &mut vec![])
        .unwrap_or(Value::Null)
}

struct Complete<'e> {
    errors: &'e [ServerError],
}

/// A step of a path, without an allocation.
enum Step<'d> {
    Key(&'d str),
    Index(usize),
}

impl Complete<'_> {
    fn object<'d>(
        &self,
        fields: &'d Fields<'d>,
        mut object: IndexMap<Name, Value>,
        path: &mut Vec<Step<'d>>,
    ) -> Result<Value, Null> {
        let mut completed = IndexMap::with_capacity(fields.len());
        for selected in fields {
            let (key, value) = object
                .swap_remove_entry(selected.key.as_str())
                .unwrap_or_else(|| (Name::new(selected.key), Value::Null));
            path.push(Step::Key(selected.key));
            let value = self.value(selected, selected.field.ty(), value, path);
            path.pop();
            completed.insert(key, value?);
        }
        Ok(Value::Object(completed))
    }

    fn value<'d>(
        &self,
        selected: &'d Selected<'d>,
        ty: &Type,
        value: Value,
        path: &mut Vec<Step<'d>>,
    ) -> Result<Value, Null> {
        let completed = match (ty, value) {
            (Type::List(item) | Type::NonNullList(item), Value::List(values)) => {
                self.list(selected, item, values, path)
            }
            (Type::List(_) | Type::NonNullList(_), _) => Err(Null),
            (Type::Named(_) | Type::NonNullNamed(_), value) => {
                self.named(&selected.set, value, path)
            }
        };
        match completed {
            Ok(Value::Null) | Err(Null) if ty.is_non_null() => Err(Null),
            Ok(value) => Ok(value),
            Err(Null) => Ok(Value::Null),
        }
    }

    fn list<'d>(
        &self,
        selected: &'d Selected<'d>,
        item: &Type,
        values: Vec<Value>,
        path: &mut Vec<Step<'d>>,
    ) -> Result<Value, Null> {
        let mut completed = Vec::with_capacity(values.len());
        for (index, value) in values.into_iter().enumerate() {
            path.push(Step::Index(index));
            let value = self.value(selected, item, value, path);
            path.pop();
            completed.push(value?);
        }
        Ok(Value::List(completed))
    }

    fn named<'d>(
        &self,
        set: &'d Set<'d>,
        value: Value,
        path: &mut Vec<Step<'d>>,
    ) -> Result<Value, Null> {
        let object = match (set, value) {
            (Set::Leaf, value) => return Ok(value),
            (_, Value::Object(object)) => object,
            // An object all of whose fields failed, or none at all.
            _ if self.failed_below(path) => IndexMap::new(),
            _ => return Ok(Value::Null),
        };
        match set {
            Set::Leaf => Ok(Value::Null),
            Set::Object(fields) => self.object(fields, object, path),
            Set::Abstract(by_type) => {
                let Some(Value::String(name)) = object.get(TYPE_KEY) else {
                    return Err(Null);
                };
                let fields = by_type.iter().find(|(ty, _)| ty.as_str() == name);
                let (_, fields) = fields.ok_or(Null)?;
                self.object(fields, object, path)
            }
        }
    }

    /// Whether an error has a longer path than this one.
    fn failed_below(&self, path: &[Step<'_>]) -> bool {
        self.errors.iter().any(|error| {
            error.path.len() > path.len()
                && path
                    .iter()
                    .zip(&error.path)
                    .all(|(step, segment)| match (step, segment) {
                        (Step::Key(key), PathSegment::Field(field)) => key == field,
                        (Step::Index(index), PathSegment::Index(at)) => index == at,
                        _ => false,
                    })
        })
    }
}
