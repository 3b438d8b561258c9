//! Collects the fields of an operation, in the order of their keys (GraphQL, section 6.3.2, `CollectFields`).
//!
//! Fields with the same key are merged, fragments are expanded, `@skip` and `@include` are evaluated, and variables are
//! replaced by their values. The executor gets only fields. The guard limits the number of expanded fields. A field of
//! an interface is listed once for each type that implements it.

use std::collections::HashMap;

use apollo_compiler::{
    Name, Node, Schema,
    ast::Type,
    executable::{DirectiveList, ExecutableDocument, Field, Operation, Selection, SelectionSet},
    schema::ExtendedType,
};
use async_graphql::{Value, indexmap::IndexMap};

use super::{literal, variables::Variables};
use crate::graphql::{error_code::ErrorCode, guard::GuardError, split::JoinedField};

/// The fields of an object, in order.
pub type Fields<'d> = Vec<Selected<'d>>;

/// A field to run.
pub struct Selected<'d> {
    /// Its key in the response.
    pub key: &'d Name,
    /// The first field of the document with this key.
    pub field: &'d Node<Field>,
    /// Its arguments. An argument without a value is omitted and gets its default.
    pub arguments: Vec<(&'d Name, Value)>,
    /// The selected fields of its value.
    pub set: Set<'d>,
    /// The fields of the upstream that this one stands for. Its value is the user's id.
    pub joined: Vec<&'d JoinedField>,
}

/// The selected fields of a value.
pub enum Set<'d> {
    /// None: the value is a scalar or an enum.
    Leaf,
    /// Fields of an object.
    Object(Fields<'d>),
    /// Fields of an interface or a union, for each possible type of the value.
    Abstract(Vec<(&'d Name, Fields<'d>)>),
}

/// Selects the fields of an operation.
pub fn select<'d>(
    schema: &'d Schema,
    document: &'d ExecutableDocument,
    operation: &'d Operation,
    variables: &Variables<'_>,
    joined: Option<&'d HashMap<usize, JoinedField>>,
) -> Result<Fields<'d>, GuardError> {
    let select = Select {
        schema,
        document,
        variables,
        joined,
    };
    select.fields(operation.object_type(), &[&operation.selection_set])
}

struct Select<'d, 'v> {
    schema: &'d Schema,
    document: &'d ExecutableDocument,
    variables: &'v Variables<'v>,
    joined: Option<&'d HashMap<usize, JoinedField>>,
}

/// The fields of each key.
type Merged<'d> = IndexMap<&'d str, Vec<&'d Node<Field>>>;

impl<'d> Select<'d, '_> {
    /// Merges selection sets and selects the fields of an object type.
    fn fields(&self, ty: &str, sets: &[&'d SelectionSet]) -> Result<Fields<'d>, GuardError> {
        let mut merged = Merged::new();
        let mut visited = vec![];
        for set in sets {
            self.collect(ty, set, &mut visited, &mut merged)?;
        }
        let fields = merged.into_values();
        fields.map(|fields| self.field(&fields)).collect()
    }

    fn collect(
        &self,
        ty: &str,
        set: &'d SelectionSet,
        visited: &mut Vec<&'d Name>,
        merged: &mut Merged<'d>,
    ) -> Result<(), GuardError> {
        for selection in &set.selections {
            if !self.included(selection.directives())? {
                continue;
            }
            match selection {
                Selection::Field(field) => {
                    let fields = merged.entry(field.response_key().as_str());
                    fields.or_default().push(field);
                }
                Selection::InlineFragment(inline) => {
                    let condition = inline.type_condition.as_ref();
                    if condition.is_none_or(|condition| self.applies(condition, ty)) {
                        self.collect(ty, &inline.selection_set, visited, merged)?;
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.document.fragments.get(&spread.fragment_name);
                    if let Some(fragment) = fragment
                        && !visited.contains(&&fragment.name)
                    {
                        visited.push(&fragment.name);
                        if self.applies(fragment.type_condition(), ty) {
                            self.collect(ty, &fragment.selection_set, visited, merged)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn field(&self, fields: &[&'d Node<Field>]) -> Result<Selected<'d>, GuardError> {
        let first = fields[0];
        let sets: Vec<_> = fields.iter().map(|field| &field.selection_set).collect();
        let named = first.ty().inner_named_type();
        let set = match self.schema.types.get(named) {
            Some(ExtendedType::Object(_)) => Set::Object(self.fields(named, &sets)?),
            Some(ExtendedType::Interface(_) | ExtendedType::Union(_)) => {
                let objects = self
                    .schema
                    .types
                    .values()
                    .filter_map(ExtendedType::as_object);
                let possible = objects.filter(|object| self.schema.is_subtype(named, &object.name));
                let by_type =
                    possible.map(|object| Ok((&object.name, self.fields(&object.name, &sets)?)));
                Set::Abstract(by_type.collect::<Result<_, GuardError>>()?)
            }
            _ => Set::Leaf,
        };
        Ok(Selected {
            key: first.response_key(),
            field: first,
            arguments: self.arguments(first),
            set,
            joined: self.joined(fields)?,
        })
    }

    /// Returns the fields of the upstream that the fields of one key stand for.
    fn joined(&self, fields: &[&'d Node<Field>]) -> Result<Vec<&'d JoinedField>, GuardError> {
        let Some(all) = self.joined else {
            return Ok(vec![]);
        };
        let joined: Vec<_> = fields
            .iter()
            .filter_map(|field| all.get(&field.location()?.offset()))
            .collect();
        // The user's own id under the same key would get the value of the upstream's field.
        if !joined.is_empty() && joined.len() != fields.len() {
            let message = "Two different fields have the same key. Give one of them an alias";
            return Err(GuardError::invalid(message).at(fields[0].location()));
        }
        Ok(joined)
    }

    fn arguments(&self, field: &'d Node<Field>) -> Vec<(&'d Name, Value)> {
        let mut arguments = vec![];
        for argument in &field.arguments {
            let Some(definition) = field.definition.argument_by_name(&argument.name) else {
                continue;
            };
            let ty = &definition.ty;
            match literal::value(self.schema, ty, &argument.value, self.variables) {
                Ok(Some(value)) => arguments.push((&argument.name, value)),
                Ok(None) => {}
                // A variable is null where null is not allowed. The field's resolver raises the error.
                Err(literal::NotNull) => arguments.push((&argument.name, Value::Null)),
            }
        }
        arguments
    }

    /// Whether `@skip` and `@include` keep a selection (sections 3.13.1 and 3.13.2).
    fn included(&self, directives: &DirectiveList) -> Result<bool, GuardError> {
        for directive in directives {
            let wanted = match directive.name.as_str() {
                "skip" => false,
                "include" => true,
                _ => continue,
            };
            let condition = directive.specified_argument_by_name("if");
            let boolean = Type::NonNullNamed(apollo_compiler::name!("Boolean"));
            let value = condition
                .map(|condition| literal::value(self.schema, &boolean, condition, self.variables));
            let Some(Ok(Some(Value::Boolean(value)))) = value else {
                let message = "The condition of @skip or @include is null";
                return Err(
                    GuardError::new(ErrorCode::BadUserInput, message).at(directive.location())
                );
            };
            if value != wanted {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a fragment's type condition holds for an object type.
    fn applies(&self, condition: &str, ty: &str) -> bool {
        condition == ty || self.schema.is_subtype(condition, ty)
    }
}
