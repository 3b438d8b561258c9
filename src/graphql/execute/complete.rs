//! Completes a result as the specification says (GraphQL, section 6.4.3, `CompleteValue`).
//!
//! async-graphql returns keys in the order in which their resolvers end. It omits fields that failed, and returns null
//! for an object if all of its fields failed. After this step every selected key is present, in the document's order. A
//! failed field is null. If a non-null field is null, its parent becomes null.

use apollo_compiler::ast::Type;
use async_graphql::{Name, PathSegment, ServerError, Value, indexmap::IndexMap};

use super::{
    library::TYPE_KEY,
    select::{Fields, Selected, Set},
};

/// The error of a non-null value that is null.
struct Null;

/// Whether the result is to be read again, with the types of its objects.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Types {
    /// The result is the answer.
    Dropped,
    /// Objects of an interface keep the name of their type under [`TYPE_KEY`].
    Kept,
}

/// Completes the data of an operation. Returns null when a non-null root field is null.
pub fn complete(fields: &Fields<'_>, data: Value, errors: &[ServerError], types: Types) -> Value {
    let complete = Complete { errors, types };
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
    types: Types,
}

/// A step of a path; needs no allocation.
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
            // All fields of the object failed, or it has none.
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
                let (ty, fields) = fields.ok_or(Null)?;
                let mut completed = self.object(fields, object, path)?;
                if let (Types::Kept, Value::Object(completed)) = (self.types, &mut completed) {
                    completed.insert(Name::new(TYPE_KEY), Value::String(ty.to_string()));
                }
                Ok(completed)
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
