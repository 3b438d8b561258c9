//! The schema's input types: what a variable's value may be (GraphQL, section 3).

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Value,
    parser::types::{BaseType, ServiceDocument, Type, TypeKind, TypeSystemDefinition},
};

/// The input types by name.
pub struct InputTypes(HashMap<String, InputType>);

enum InputType {
    Enum(HashSet<String>),
    Object(HashMap<String, Field>),
    /// A scalar of the schema's own; its parser judges at execution.
    Scalar,
}

struct Field {
    ty: Type,
    has_default: bool,
}

/// What a value is not, and where: the path from the variable on.
pub struct Mismatch(pub Vec<String>);

impl InputTypes {
    /// Reads the input types of a schema.
    pub fn of(schema: &ServiceDocument) -> Self {
        let types = schema.definitions.iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else {
                return None;
            };
            let input = match &definition.node.kind {
                TypeKind::Scalar => InputType::Scalar,
                TypeKind::Enum(kind) => InputType::Enum(
                    kind.values
                        .iter()
                        .map(|value| value.node.value.node.to_string())
                        .collect(),
                ),
                TypeKind::InputObject(kind) => InputType::Object(
                    kind.fields
                        .iter()
                        .map(|field| {
                            let has_default = field.node.default_value.is_some();
                            let ty = field.node.ty.node.clone();
                            (field.node.name.node.to_string(), Field { ty, has_default })
                        })
                        .collect(),
                ),
                _ => return None,
            };
            Some((definition.node.name.node.to_string(), input))
        });
        Self(types.collect())
    }

    /// Checks a value against a type. An unknown type is left to the library's validation.
    pub fn check(&self, value: &Value, ty: &Type) -> Result<(), Mismatch> {
        if *value == Value::Null {
            return if ty.nullable {
                Ok(())
            } else {
                Err(Mismatch(vec![]))
            };
        }
        match (&ty.base, value) {
            (BaseType::List(item), Value::List(values)) => {
                for (index, value) in values.iter().enumerate() {
                    self.check(value, item)
                        .map_err(|mismatch| mismatch.below(&index.to_string()))?;
                }
                Ok(())
            }
            // A single value stands for a list of one (GraphQL, section 3.11).
            (BaseType::List(item), value) => self.check(value, item),
            (BaseType::Named(name), value) => self.check_named(value, name),
        }
    }

    fn check_named(&self, value: &Value, name: &str) -> Result<(), Mismatch> {
        let fits = match (name, value) {
            ("String" | "ID", Value::String(_))
            | ("Boolean", Value::Boolean(_))
            | ("Float", Value::Number(_)) => true,
            ("ID", Value::Number(number)) => number.is_i64() || number.is_u64(),
            ("Int", Value::Number(number)) => number
                .as_i64()
                .is_some_and(|int| i32::try_from(int).is_ok()),
            ("String" | "ID" | "Boolean" | "Int" | "Float", _) => false,
            _ => match (self.0.get(name), value) {
                (Some(InputType::Enum(values)), Value::String(value)) => values.contains(value),
                (Some(InputType::Enum(values)), Value::Enum(value)) => {
                    values.contains(value.as_str())
                }
                (Some(InputType::Object(fields)), Value::Object(given)) => {
                    return Self::check_object(self, fields, given);
                }
                (Some(InputType::Enum(_) | InputType::Object(_)), _) => false,
                (Some(InputType::Scalar) | None, _) => true,
            },
        };
        if fits { Ok(()) } else { Err(Mismatch(vec![])) }
    }

    fn check_object(
        &self,
        fields: &HashMap<String, Field>,
        given: &async_graphql::indexmap::IndexMap<async_graphql::Name, Value>,
    ) -> Result<(), Mismatch> {
        for (name, field) in fields {
            match given.get(name.as_str()) {
                Some(value) => self
                    .check(value, &field.ty)
                    .map_err(|mismatch| mismatch.below(name))?,
                None if field.ty.nullable || field.has_default => {}
                None => return Err(Mismatch(vec![name.clone()])),
            }
        }
        // The unknown name is the client's own words: it is not repeated.
        if given.keys().any(|name| !fields.contains_key(name.as_str())) {
            return Err(Mismatch(vec!["(unknown field)".to_owned()]));
        }
        Ok(())
    }
}

impl Mismatch {
    fn below(mut self, name: &str) -> Self {
        self.0.insert(0, name.to_owned());
        self
    }
}
