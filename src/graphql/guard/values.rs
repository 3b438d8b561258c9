//! Checks two rules of values that apollo-compiler 1.33 omits: input fields are unique (GraphQL, section 5.6.3), and
//! variables fit where they are used, also inside lists and input objects (section 5.8.5).
//!
//! A duplicate input field could bypass a filter in front of the gateway: the filter may read one value, the gateway
//! the other.

use std::collections::HashSet;

use apollo_compiler::{
    Name, Node, Schema,
    ast::{Argument, DirectiveList, InputValueDefinition, Type, Value, VariableDefinition},
    executable::{ExecutableDocument, Operation, Selection, SelectionSet},
    schema::ExtendedType,
};

use super::GuardError;

/// Checks the values of a document that is otherwise valid.
pub fn check(schema: &Schema, document: &ExecutableDocument) -> Result<(), GuardError> {
    for operation in document.operations.iter() {
        let mut values = Values {
            schema,
            document,
            operation,
            visited: HashSet::new(),
        };
        for variable in &operation.variables {
            if let Some(default) = &variable.default_value {
                values.value(&variable.ty, None, default)?;
            }
            values.directives(&variable.directives)?;
        }
        values.directives(&operation.directives)?;
        values.set(&operation.selection_set)?;
    }
    Ok(())
}

/// Visits the values of one operation and its fragments, each fragment once.
struct Values<'d> {
    schema: &'d Schema,
    document: &'d ExecutableDocument,
    operation: &'d Operation,
    visited: HashSet<&'d Name>,
}

impl<'d> Values<'d> {
    fn set(&mut self, set: &'d SelectionSet) -> Result<(), GuardError> {
        for selection in &set.selections {
            self.directives(selection.directives())?;
            match selection {
                Selection::Field(field) => {
                    self.arguments(&field.definition.arguments, &field.arguments)?;
                    self.set(&field.selection_set)?;
                }
                Selection::InlineFragment(inline) => self.set(&inline.selection_set)?,
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name)
                        && self.visited.insert(&fragment.name)
                    {
                        self.directives(&fragment.directives)?;
                        self.set(&fragment.selection_set)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn directives(&self, directives: &DirectiveList) -> Result<(), GuardError> {
        for directive in directives {
            if let Some(definition) = self.schema.directive_definitions.get(&directive.name) {
                self.arguments(&definition.arguments, &directive.arguments)?;
            }
        }
        Ok(())
    }

    fn arguments(
        &self,
        definitions: &[Node<InputValueDefinition>],
        arguments: &[Node<Argument>],
    ) -> Result<(), GuardError> {
        for argument in arguments {
            let definition = definitions
                .iter()
                .find(|definition| definition.name == argument.name);
            if let Some(definition) = definition {
                let default = definition.default_value.as_ref();
                self.value(&definition.ty, default, &argument.value)?;
            }
        }
        Ok(())
    }

    fn value(
        &self,
        ty: &Type,
        default: Option<&Node<Value>>,
        value: &Node<Value>,
    ) -> Result<(), GuardError> {
        match &**value {
            Value::Variable(name) => {
                let mut variables = self.operation.variables.iter();
                let fits = variables
                    .find(|variable| variable.name == *name)
                    .is_none_or(|variable| fits(variable, ty, default));
                if !fits {
                    let message = "A variable does not fit where it is used";
                    return Err(GuardError::invalid(message).at(value.location()));
                }
            }
            Value::List(values) => {
                for value in values {
                    self.value(ty.item_type(), None, value)?;
                }
            }
            Value::Object(fields) => {
                let definitions = match self.schema.types.get(ty.inner_named_type()) {
                    Some(ExtendedType::InputObject(object)) => Some(&object.fields),
                    _ => None,
                };
                let mut names = HashSet::new();
                for (name, value) in fields {
                    if !names.insert(name) {
                        return Err(GuardError::invalid("An input field appears twice")
                            .at(value.location()));
                    }
                    let definition = definitions.and_then(|fields| fields.get(name));
                    if let Some(definition) = definition {
                        let default = definition.default_value.as_ref();
                        self.value(&definition.ty, default, value)?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Whether a variable may be used at a location of type `location`, with its default (`IsVariableUsageAllowed`).
fn fits(variable: &VariableDefinition, location: &Type, default: Option<&Node<Value>>) -> bool {
    if location.is_non_null() && !variable.ty.is_non_null() {
        let has_default = variable
            .default_value
            .as_ref()
            .is_some_and(|default| !default.is_null());
        return (has_default || default.is_some())
            && is_compatible(&variable.ty, &location.clone().nullable());
    }
    is_compatible(&variable.ty, location)
}

/// Whether every value of one type is a value of the other (`AreTypesCompatible`).
fn is_compatible(variable: &Type, location: &Type) -> bool {
    match (variable, location) {
        (Type::NonNullNamed(variable), Type::NonNullNamed(location) | Type::Named(location))
        | (Type::Named(variable), Type::Named(location)) => variable == location,
        (Type::NonNullList(variable), Type::NonNullList(location) | Type::List(location))
        | (Type::List(variable), Type::List(location)) => is_compatible(variable, location),
        _ => false,
    }
}
