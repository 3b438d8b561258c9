//! Checks the variables' values before anything runs (GraphQL, section 6.1.2).
//!
//! The library finds a wrong value only when a resolver reads it, in the middle of the execution.

use async_graphql::{Value, Variables, parser::types::OperationDefinition};

use super::{Refusal, input_types::InputTypes};
use crate::graphql::code::ErrorCode;

/// Refuses variables that do not fit the operation's definitions.
pub fn check(
    types: &InputTypes,
    operation: &OperationDefinition,
    variables: &Variables,
) -> Result<(), Refusal> {
    for definition in &operation.variable_definitions {
        let position = definition.pos;
        let definition = &definition.node;
        let name = &definition.name.node;
        let result = match variables.get(name) {
            Some(value) => types.check(value, &definition.var_type.node),
            None if definition.default_value.is_some() => Ok(()),
            None => types.check(&Value::Null, &definition.var_type.node),
        };
        result.map_err(|mismatch| {
            let path = [&[name.to_string()], &mismatch.0[..]].concat().join(".");
            let message = format!(
                "Variable ${path} does not fit its type, {}",
                definition.var_type
            );
            Refusal::new(ErrorCode::BadUserInput, message).at(position)
        })?;
    }
    Ok(())
}
