//! Evaluates values in the document, with variables replaced by their values (GraphQL, section 6.4.1).

use apollo_compiler::{
    Node, Schema,
    ast::{Type, Value as Literal},
    schema::{ExtendedType, InputObjectType},
};
use async_graphql::{Name, Value, indexmap::IndexMap};

use super::variables::Variables;

/// The error of a null value where null is not allowed: a nullable variable was used there.
pub struct NotNull;

/// Returns a value without variables, such as a default. Returns `None` if it does not fit its type, which validation
/// has excluded.
pub fn constant(schema: &Schema, ty: &Type, literal: &Node<Literal>) -> Option<Value> {
    value(schema, ty, literal, &Variables::new()).ok().flatten()
}

/// Returns the value of a literal, or `None` if it is a variable without a value.
///
/// Fills in the defaults of input fields, also for a field whose variable has no value.
pub fn value(
    schema: &Schema,
    ty: &Type,
    literal: &Node<Literal>,
    variables: &Variables<'_>,
) -> Result<Option<Value>, NotNull> {
    let value = match (&**literal, ty) {
        (Literal::Variable(name), _) => match variables.get(name.as_str()) {
            Some(value) => value.clone(),
            None => return Ok(None),
        },
        (Literal::Null, _) => Value::Null,
        (Literal::List(items), Type::List(item) | Type::NonNullList(item)) => {
            let items = items.iter().map(|literal| {
                match value(schema, item, literal, variables)? {
                    Some(value) => Ok(value),
                    // A variable without a value is null in a list.
                    None if item.is_non_null() => Err(NotNull),
                    None => Ok(Value::Null),
                }
            });
            Value::List(items.collect::<Result<_, _>>()?)
        }
        // A single value is a list with one item (section 3.11).
        (_, Type::List(item) | Type::NonNullList(item)) => {
            let single = value(schema, item, literal, variables)?;
            Value::List(single.into_iter().collect())
        }
        (_, Type::Named(name) | Type::NonNullNamed(name)) => {
            named(schema, name, literal, variables)?
        }
    };
    if value == Value::Null && ty.is_non_null() {
        return Err(NotNull);
    }
    Ok(Some(value))
}

fn named(
    schema: &Schema,
    name: &str,
    literal: &Literal,
    variables: &Variables<'_>,
) -> Result<Value, NotNull> {
    Ok(match literal {
        Literal::Object(given) => match schema.types.get(name) {
            Some(ExtendedType::InputObject(ty)) => object(schema, ty, given, variables)?,
            _ => return Err(NotNull),
        },
        Literal::String(text) => Value::String(text.clone()),
        Literal::Boolean(value) => Value::Boolean(*value),
        Literal::Enum(name) => Value::Enum(Name::new(name)),
        // An ID may be written as an integer of any length (section 3.5.5).
        Literal::Int(int) if name == "ID" => Value::String(int.as_str().to_owned()),
        Literal::Int(int) => match int.as_str().parse::<i64>() {
            Ok(int) => Value::Number(int.into()),
            Err(_) => number(int.as_str())?,
        },
        Literal::Float(float) => number(float.as_str())?,
        Literal::Null | Literal::Variable(_) | Literal::List(_) => return Err(NotNull),
    })
}

fn object(
    schema: &Schema,
    ty: &InputObjectType,
    given: &[(apollo_compiler::Name, Node<Literal>)],
    variables: &Variables<'_>,
) -> Result<Value, NotNull> {
    let mut fields = IndexMap::new();
    for (name, field) in &ty.fields {
        let literal = given.iter().find(|(key, _)| key == name);
        let value = match literal {
            Some((_, literal)) => value(schema, &field.ty, literal, variables)?,
            None => None,
        };
        let value = match (value, &field.default_value) {
            (Some(value), _) => value,
            (None, Some(default)) => constant(schema, &field.ty, default).ok_or(NotNull)?,
            (None, None) if field.ty.is_non_null() => return Err(NotNull),
            (None, None) => continue,
        };
        fields.insert(Name::new(name), value);
    }
    Ok(Value::Object(fields))
}

fn number(text: &str) -> Result<Value, NotNull> {
    text.parse().map(Value::Number).map_err(|_| NotNull)
}
