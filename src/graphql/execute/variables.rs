//! Coerces the variables' values to the types of the operation's definitions (GraphQL, section 6.1.2).

use std::collections::HashMap;

use apollo_compiler::{
    Schema,
    ast::Type,
    executable::Operation,
    schema::{ExtendedType, InputObjectType},
};
use async_graphql::{Name, Value, indexmap::IndexMap};
use serde_json::{Map, Number, Value as Json};

use super::literal;
use crate::graphql::{error_code::ErrorCode, guard::GuardError};

/// The largest integer that a JSON number with a fraction or an exponent can hold exactly.
const MAX_EXACT: f64 = 9_007_199_254_740_991.0;

/// The values of an operation's variables. A variable with neither a value nor a default has no entry.
pub type Variables<'d> = HashMap<&'d str, Value>;

/// The path from the variable to a value that does not fit its type.
pub struct Mismatch(Vec<String>);

/// Coerces the values of an operation's variables. Ignores values that the operation does not declare.
pub fn coerce<'d>(
    schema: &Schema,
    operation: &'d Operation,
    values: &Map<String, Json>,
) -> Result<Variables<'d>, GuardError> {
    let mut variables = HashMap::new();
    for definition in &operation.variables {
        let name = definition.name.as_str();
        let value = match (values.get(name), &definition.default_value) {
            (Some(value), _) => coerce_value(schema, &definition.ty, value),
            (None, Some(default)) => {
                literal::constant(schema, &definition.ty, default).ok_or_else(Mismatch::here)
            }
            (None, None) if definition.ty.is_non_null() => Err(Mismatch::here()),
            (None, None) => continue,
        };
        let value = value.map_err(|Mismatch(mut path)| {
            path.push(name.to_owned());
            path.reverse();
            let message = format!(
                "Variable ${} does not fit its type, {}",
                path.join("."),
                definition.ty
            );
            GuardError::new(ErrorCode::BadUserInput, message).at(definition.location())
        })?;
        variables.insert(name, value);
    }
    Ok(variables)
}

/// Coerces a value to a type (sections 3.5 to 3.12, "input coercion").
fn coerce_value(schema: &Schema, ty: &Type, json: &Json) -> Result<Value, Mismatch> {
    if json.is_null() {
        return if ty.is_non_null() {
            Err(Mismatch::here())
        } else {
            Ok(Value::Null)
        };
    }
    match ty {
        Type::List(item) | Type::NonNullList(item) => match json {
            Json::Array(items) => {
                let items = items.iter().enumerate().map(|(index, json)| {
                    coerce_value(schema, item, json)
                        .map_err(|mismatch| mismatch.inside(index.to_string()))
                });
                Ok(Value::List(items.collect::<Result<_, _>>()?))
            }
            // A single value is a list with one item (section 3.11).
            single => Ok(Value::List(vec![coerce_value(schema, item, single)?])),
        },
        Type::Named(name) | Type::NonNullNamed(name) => match schema.types.get(name) {
            Some(ExtendedType::InputObject(object)) => coerce_object(schema, object, json),
            Some(ExtendedType::Enum(values)) => match json {
                Json::String(value) if values.values.contains_key(value.as_str()) => {
                    Ok(Value::Enum(Name::new(value)))
                }
                _ => Err(Mismatch::here()),
            },
            Some(ExtendedType::Scalar(_)) => coerce_scalar(name, json).ok_or_else(Mismatch::here),
            _ => Err(Mismatch::here()),
        },
    }
}

fn coerce_scalar(name: &str, json: &Json) -> Option<Value> {
    match (name, json) {
        ("String" | "ID", Json::String(text)) => Some(Value::String(text.clone())),
        ("ID", Json::Number(number)) => Some(Value::String(integer(number)?.to_string())),
        ("Int", Json::Number(number)) => {
            let int = i32::try_from(integer(number)?).ok()?;
            Some(Value::Number(int.into()))
        }
        ("Float", Json::Number(number)) => Some(Value::Number(number.clone())),
        ("Boolean", Json::Bool(value)) => Some(Value::Boolean(*value)),
        ("String" | "ID" | "Int" | "Float" | "Boolean", _) => None,
        // A custom scalar: its resolver checks it.
        (_, json) => Value::from_json(json.clone()).ok(),
    }
}

/// Returns the value of a JSON number if it is an integer, in any notation: `10.0` and `1e1` are 10.
fn integer(number: &Number) -> Option<i128> {
    if let Some(int) = number.as_i64() {
        return Some(int.into());
    }
    if let Some(int) = number.as_u64() {
        return Some(int.into());
    }
    let float = number.as_f64()?;
    if float.fract() != 0.0 || float.abs() > MAX_EXACT {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is an integer below 2^53"
    )]
    let int = float as i64;
    Some(int.into())
}

fn coerce_object(
    schema: &Schema,
    object: &InputObjectType,
    json: &Json,
) -> Result<Value, Mismatch> {
    let Json::Object(given) = json else {
        return Err(Mismatch::here());
    };
    // The client chose the unknown name, so the message does not repeat it.
    if given
        .keys()
        .any(|key| !object.fields.contains_key(key.as_str()))
    {
        return Err(Mismatch(vec!["(unknown field)".to_owned()]));
    }
    let mut fields = IndexMap::new();
    for (name, field) in &object.fields {
        let value = match (given.get(name.as_str()), &field.default_value) {
            (Some(json), _) => coerce_value(schema, &field.ty, json),
            (None, Some(default)) => {
                literal::constant(schema, &field.ty, default).ok_or_else(Mismatch::here)
            }
            (None, None) if field.ty.is_non_null() => Err(Mismatch::here()),
            (None, None) => continue,
        };
        let value = value.map_err(|mismatch| mismatch.inside(name.to_string()))?;
        fields.insert(Name::new(name), value);
    }
    Ok(Value::Object(fields))
}

impl Mismatch {
    fn here() -> Self {
        Self(vec![])
    }

    /// Adds a step to the path, which is stored innermost first.
    fn inside(mut self, step: String) -> Self {
        self.0.push(step);
        self
    }
}
