//! Answers introspection (GraphQL, section 4) from a schema.
//!
//! apollo-compiler's own executor knows no `isOneOf`. This one gives what graphql-js 16 gives.

use std::cell::{Cell, RefCell};

use apollo_compiler::{
    Node, Schema,
    ast::{DirectiveDefinition, DirectiveList, InputValueDefinition, Type},
    collections::HashMap,
    schema::{ComponentName, EnumValueDefinition, ExtendedType, FieldDefinition, Implementers},
};
use async_graphql::{Name, Value, indexmap::IndexMap};

use thiserror::Error;

use crate::graphql::execute::select::{Fields, Selected, Set};

#[cfg(test)]
mod tests;

/// The maximum of values in an answer. GraphiQL asks for about 20 values a field: GitHub's schema has 500,000.
pub const MAX_INTROSPECTION_VALUES: usize = 2_000_000;

/// The reason of `@deprecated` without a reason.
const DEFAULT_REASON: &str = "No longer supported";

/// The answer would have more than [`MAX_INTROSPECTION_VALUES`] values.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("The introspection is too large: ask for fewer fields or for one type")]
pub struct IntrospectionTooLarge;

/// Answers the fields `__schema` and `__type` of a query. Other fields are left out.
pub fn introspect(schema: &Schema, fields: &Fields<'_>) -> Result<Value, IntrospectionTooLarge> {
    let introspection = Introspection {
        schema,
        implementers: schema.implementers_map(),
        left: Cell::new(MAX_INTROSPECTION_VALUES),
        keys: RefCell::default(),
    };
    let mut object = IndexMap::new();
    for selected in fields {
        let value = match selected.field.name.as_str() {
            "__schema" => introspection.schema(selected),
            "__type" => {
                let name = match argument(selected, "name") {
                    Some(Value::String(name)) => name.as_str(),
                    _ => "",
                };
                introspection.named(name, selected)
            }
            _ => continue,
        };
        object.insert(Name::new(selected.key), value);
    }
    // A short query can ask for the fields of each field's type, or for each argument's input fields. In a large schema
    // that is a large answer.
    if introspection.left.get() == 0 {
        return Err(IntrospectionTooLarge);
    }
    Ok(Value::Object(object))
}

struct Introspection<'s> {
    schema: &'s Schema,
    implementers: HashMap<apollo_compiler::Name, Implementers>,
    /// How many values may still be answered. At zero all further answers are null.
    left: Cell<usize>,
    /// The keys of the answer, which repeat very often.
    keys: RefCell<HashMap<apollo_compiler::Name, Name>>,
}

/// A `__Type`.
#[derive(Clone, Copy)]
enum TypeView<'s> {
    Named(&'s ExtendedType),
    /// The type, which is non-null.
    NonNull(&'s Type),
    /// The type of the items.
    List(&'s Type),
}

impl Introspection<'_> {
    fn schema(&self, selected: &Selected<'_>) -> Value {
        let definition = &self.schema.schema_definition;
        let root = |name: &Option<ComponentName>, selected: &Selected<'_>| {
            name.as_ref()
                .map_or(Value::Null, |name| self.named(name, selected))
        };
        self.object(selected, "__Schema", |field| {
            match field.field.name.as_str() {
                "description" => text(definition.description.as_deref()),
                "types" => self.list(self.schema.types.values(), |ty| {
                    self.ty(TypeView::Named(ty), field)
                }),
                "queryType" => root(&definition.query, field),
                "mutationType" => root(&definition.mutation, field),
                "subscriptionType" => root(&definition.subscription, field),
                "directives" => self
                    .list(self.schema.directive_definitions.values(), |directive| {
                        self.directive(directive, field)
                    }),
                _ => Value::Null,
            }
        })
    }

    /// Answers a type by its name, or null.
    fn named(&self, name: &str, selected: &Selected<'_>) -> Value {
        let ty = self.schema.types.get(name);
        ty.map_or(Value::Null, |ty| self.ty(TypeView::Named(ty), selected))
    }

    /// Answers a reference to a type.
    fn reference(&self, ty: &Type, selected: &Selected<'_>) -> Value {
        match ty {
            Type::Named(name) => self.named(name, selected),
            Type::NonNullNamed(_) | Type::NonNullList(_) => {
                self.ty(TypeView::NonNull(ty), selected)
            }
            Type::List(item) => self.ty(TypeView::List(item), selected),
        }
    }

    fn ty(&self, view: TypeView<'_>, selected: &Selected<'_>) -> Value {
        self.object(selected, "__Type", |field| match view {
            TypeView::Named(ty) => self.type_field(ty, field),
            TypeView::NonNull(ty) => match (field.field.name.as_str(), ty) {
                ("kind", _) => Value::from("NON_NULL"),
                ("ofType", Type::NonNullNamed(name)) => self.named(name, field),
                ("ofType", Type::NonNullList(item)) => self.ty(TypeView::List(item), field),
                _ => Value::Null,
            },
            TypeView::List(item) => match field.field.name.as_str() {
                "kind" => Value::from("LIST"),
                "ofType" => self.reference(item, field),
                _ => Value::Null,
            },
        })
    }

    fn type_field(&self, ty: &ExtendedType, field: &Selected<'_>) -> Value {
        match (field.field.name.as_str(), ty) {
            ("kind", _) => Value::from(match ty {
                ExtendedType::Scalar(_) => "SCALAR",
                ExtendedType::Object(_) => "OBJECT",
                ExtendedType::Interface(_) => "INTERFACE",
                ExtendedType::Union(_) => "UNION",
                ExtendedType::Enum(_) => "ENUM",
                ExtendedType::InputObject(_) => "INPUT_OBJECT",
            }),
            ("name", _) => Value::from(ty.name().as_str()),
            ("description", _) => text(ty.description().map(|text| &**text)),
            ("fields", ExtendedType::Object(object)) => {
                self.fields(object.fields.values().map(|field| &**field), field)
            }
            ("fields", ExtendedType::Interface(interface)) => {
                self.fields(interface.fields.values().map(|field| &**field), field)
            }
            ("interfaces", ExtendedType::Object(object)) => self
                .list(&object.implements_interfaces, |name| {
                    self.named(name, field)
                }),
            ("interfaces", ExtendedType::Interface(interface)) => self
                .list(&interface.implements_interfaces, |name| {
                    self.named(name, field)
                }),
            ("possibleTypes", ExtendedType::Interface(interface)) => {
                let implementers = self.implementers.get(&interface.name);
                let objects = implementers.into_iter().flat_map(|all| &all.objects);
                self.list(objects, |name| self.named(name, field))
            }
            ("possibleTypes", ExtendedType::Union(union)) => {
                self.list(&union.members, |name| self.named(name, field))
            }
            ("enumValues", ExtendedType::Enum(values)) => {
                let values = values.values.values();
                let shown = values.filter(|value| shows(field, &value.directives));
                self.list(shown, |value| self.enum_value(value, field))
            }
            ("inputFields", ExtendedType::InputObject(input)) => {
                self.inputs(input.fields.values().map(|field| &**field), field)
            }
            ("isOneOf", ExtendedType::InputObject(input)) => {
                Value::from(input.directives.has("oneOf"))
            }
            ("specifiedByURL", ExtendedType::Scalar(scalar)) => {
                let directive = scalar.directives.get("specifiedBy");
                let url = directive.and_then(|applied| applied.specified_argument_by_name("url"));
                text(url.and_then(|url| url.as_str()))
            }
            _ => Value::Null,
        }
    }

    fn fields<'f>(
        &self,
        fields: impl Iterator<Item = &'f Node<FieldDefinition>>,
        selected: &Selected<'_>,
    ) -> Value {
        let shown = fields.filter(|field| shows(selected, &field.directives));
        self.list(shown, |definition| {
            self.object(selected, "__Field", |field| {
                match field.field.name.as_str() {
                    "name" => Value::from(definition.name.as_str()),
                    "description" => text(definition.description.as_deref()),
                    "args" => self.inputs(definition.arguments.iter(), field),
                    "type" => self.reference(&definition.ty, field),
                    other => deprecation(other, &definition.directives),
                }
            })
        })
    }

    fn inputs<'i>(
        &self,
        inputs: impl Iterator<Item = &'i Node<InputValueDefinition>>,
        selected: &Selected<'_>,
    ) -> Value {
        let shown = inputs.filter(|input| shows(selected, &input.directives));
        self.list(shown, |input| {
            self.object(selected, "__InputValue", |field| {
                match field.field.name.as_str() {
                    "name" => Value::from(input.name.as_str()),
                    "description" => text(input.description.as_deref()),
                    "type" => self.reference(&input.ty, field),
                    "defaultValue" => input.default_value.as_ref().map_or(Value::Null, |value| {
                        Value::from(value.serialize().no_indent().to_string())
                    }),
                    other => deprecation(other, &input.directives),
                }
            })
        })
    }

    fn enum_value(&self, value: &EnumValueDefinition, selected: &Selected<'_>) -> Value {
        self.object(selected, "__EnumValue", |field| {
            match field.field.name.as_str() {
                "name" => Value::from(value.value.as_str()),
                "description" => text(value.description.as_deref()),
                other => deprecation(other, &value.directives),
            }
        })
    }

    /// Answers the selected fields of an object.
    fn object(
        &self,
        selected: &Selected<'_>,
        typename: &str,
        answer: impl Fn(&Selected<'_>) -> Value,
    ) -> Value {
        let Set::Object(fields) = &selected.set else {
            return Value::Null;
        };
        let Some(left) = self.left.get().checked_sub(fields.len()) else {
            self.left.set(0);
            return Value::Null;
        };
        self.left.set(left);
        let fields = fields.iter().map(|field| {
            let value = if field.field.name == "__typename" {
                Value::from(typename)
            } else {
                answer(field)
            };
            (self.key(field.key), value)
        });
        Value::Object(fields.collect())
    }

    fn list<T>(&self, items: impl IntoIterator<Item = T>, answer: impl Fn(T) -> Value) -> Value {
        let items = items.into_iter().take_while(|_| self.left.get() > 0);
        Value::List(items.map(answer).collect())
    }

    fn key(&self, key: &apollo_compiler::Name) -> Name {
        let mut keys = self.keys.borrow_mut();
        if let Some(name) = keys.get(key) {
            return name.clone();
        }
        let name = Name::new(key);
        keys.insert(key.clone(), name.clone());
        name
    }

    fn directive(&self, directive: &DirectiveDefinition, selected: &Selected<'_>) -> Value {
        self.object(selected, "__Directive", |field| {
            match field.field.name.as_str() {
                "name" => Value::from(directive.name.as_str()),
                "description" => text(directive.description.as_deref()),
                "isRepeatable" => Value::from(directive.repeatable),
                "locations" => self.list(&directive.locations, |location| {
                    Value::from(location.name())
                }),
                "args" => self.inputs(directive.arguments.iter(), field),
                _ => Value::Null,
            }
        })
    }
}

fn text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, Value::from)
}

fn argument<'f>(selected: &'f Selected<'_>, name: &str) -> Option<&'f Value> {
    let arguments = &selected.arguments;
    let found = arguments.iter().find(|(argument, _)| *argument == name);
    found.map(|(_, value)| value)
}

/// Whether a list shows an item: a deprecated one only with `includeDeprecated: true`.
fn shows(selected: &Selected<'_>, directives: &DirectiveList) -> bool {
    reason(directives).is_none()
        || argument(selected, "includeDeprecated") == Some(&Value::Boolean(true))
}

fn deprecation(field: &str, directives: &DirectiveList) -> Value {
    match field {
        "isDeprecated" => Value::from(reason(directives).is_some()),
        "deprecationReason" => text(reason(directives)),
        _ => Value::Null,
    }
}

/// Returns why something is deprecated, or `None` if it is not.
fn reason(directives: &DirectiveList) -> Option<&str> {
    let deprecated = directives.get("deprecated")?;
    match deprecated.specified_argument_by_name("reason") {
        Some(reason) => reason.as_str(),
        None => Some(DEFAULT_REASON),
    }
}
