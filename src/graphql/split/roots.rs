//! The root fields of an operation, and the side that runs each.

use std::collections::HashSet;

use apollo_compiler::{
    Name, Node, Schema,
    ast::{DirectiveList, Field, OperationDefinition, OperationType, Selection, Value},
};
use async_graphql::indexmap::IndexMap;
use serde_json::{Map, Value as Json};
use type_safe_id::StaticType;

use super::{
    definitions::Definitions,
    facts::{UpstreamFacts, root_field},
};
use crate::{
    domain::id::{SessionPrefix, UserPrefix},
    graphql::guard::GuardError,
};

/// Fields that a federation gateway asks a subgraph for. They answer for any user, so no client may ask for them.
pub const FEDERATION_FIELDS: [&str; 2] = ["_entities", "_service"];

/// Why a mutation with one key twice is refused.
pub const REPEATED_KEY: &str = "A mutation may not repeat a key at its root";

/// The part that runs a root field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Gatelodge.
    Own,
    /// Gatelodge, from the merged schema.
    Introspection,
    /// The upstream.
    Upstream,
}

/// A root field, and who runs it.
pub struct Root<'d> {
    /// The field.
    pub field: &'d Node<Field>,
    /// The side that runs it.
    pub side: Side,
}

/// Decides who runs each root field of an operation.
pub struct Router<'d> {
    own: &'d Schema,
    kind: OperationType,
    definitions: &'d Definitions<'d>,
    /// The side that runs `__typename`.
    typename: Side,
    variables: Variables<'d>,
}

/// The operation's variables, as far as they decide about root fields.
#[derive(Clone, Copy)]
pub struct Variables<'d> {
    /// The operation, for the defaults.
    pub operation: &'d OperationDefinition,
    /// The values of the request.
    pub values: &'d Map<String, Json>,
}

impl Variables<'_> {
    fn value(&self, name: &str) -> Option<Json> {
        if let Some(value) = self.values.get(name) {
            return Some(value.clone());
        }
        let mut definitions = self.operation.variables.iter();
        let definition = definitions.find(|definition| definition.name == *name)?;
        match &**definition.default_value.as_ref()? {
            Value::Boolean(value) => Some((*value).into()),
            Value::String(text) => Some(text.as_str().into()),
            Value::Int(number) => Some(number.as_str().into()),
            _ => None,
        }
    }
}

impl<'d> Router<'d> {
    /// Creates a router for an operation.
    pub fn new(
        own: &'d Schema,
        facts: &UpstreamFacts,
        definitions: &'d Definitions<'d>,
        variables: Variables<'d>,
    ) -> Result<Self, GuardError> {
        let kind = variables.operation.operation_type;
        let mut router = Self {
            own,
            kind,
            definitions,
            typename: Side::Own,
            variables,
        };
        let roots = router.all()?;
        let mut others = roots.iter().filter(|root| root.field.name != "__typename");
        // The upstream's root type has our name, so both would answer the same.
        let is_upstreams = facts.root_name(kind).is_none()
            && others.clone().next().is_some()
            && others.all(|root| root.side == Side::Upstream);
        if is_upstreams {
            router.typename = Side::Upstream;
        }
        Ok(router)
    }

    /// Returns who runs a root field.
    pub fn side(&self, field: &Field) -> Side {
        match field.name.as_str() {
            "__typename" => self.typename,
            "__schema" | "__type" if self.kind == OperationType::Query => Side::Introspection,
            "node" if self.kind == OperationType::Query => self.side_of_node(field),
            name if root_field(self.own, self.kind, name).is_some() => Side::Own,
            _ => Side::Upstream,
        }
    }

    /// Returns who has the object with an id: its prefix decides. The upstream has all ids that are not ours.
    fn side_of_node(&self, field: &Field) -> Side {
        let id = field
            .arguments
            .iter()
            .find(|argument| argument.name == "id");
        let id = id.and_then(|argument| match &*argument.value {
            Value::String(text) => Some(text.clone()),
            Value::Variable(name) => match self.variables.value(name) {
                Some(Json::String(text)) => Some(text),
                Some(Json::Number(number)) => Some(number.to_string()),
                _ => None,
            },
            Value::Int(number) => Some(number.as_str().to_owned()),
            _ => None,
        });
        // Without an id that could be anybody's, ours answers with the error.
        let Some(id) = id else { return Side::Own };
        let prefix = id.rsplit_once('_').map_or("", |(prefix, _)| prefix);
        if [UserPrefix::TYPE, SessionPrefix::TYPE].contains(&prefix) {
            Side::Own
        } else {
            Side::Upstream
        }
    }

    /// Returns all root fields, with fragments expanded and `@skip` and `@include` ignored.
    pub fn all(&self) -> Result<Vec<Root<'d>>, GuardError> {
        let mut all = vec![];
        let mut visited = HashSet::new();
        let selections = &self.variables.operation.selection_set;
        self.collect(selections, false, &mut visited, &mut |root| all.push(root))?;
        Ok(all)
    }

    /// Returns the root fields that `@skip` and `@include` keep, in the order of their keys (section 6.3.2).
    pub fn included(&self) -> Result<IndexMap<&'d Name, Vec<Root<'d>>>, GuardError> {
        let mut all: IndexMap<&'d Name, Vec<Root<'d>>> = IndexMap::new();
        let mut visited = HashSet::new();
        let selections = &self.variables.operation.selection_set;
        self.collect(selections, true, &mut visited, &mut |root| {
            all.entry(root.field.response_name())
                .or_default()
                .push(root);
        })?;
        Ok(all)
    }

    fn collect(
        &self,
        selections: &'d [Selection],
        evaluate: bool,
        visited: &mut HashSet<&'d str>,
        found: &mut dyn FnMut(Root<'d>),
    ) -> Result<(), GuardError> {
        for selection in selections {
            if evaluate && !self.keeps(selection_directives(selection)) {
                continue;
            }
            match selection {
                Selection::Field(field) => found(Root {
                    field,
                    side: self.side(field),
                }),
                Selection::InlineFragment(inline) => {
                    self.check_condition(inline.type_condition.as_ref())?;
                    self.collect(&inline.selection_set, evaluate, visited, found)?;
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.definitions.fragments.get(&*spread.fragment_name)
                    else {
                        continue;
                    };
                    if visited.insert(&fragment.name) {
                        self.check_condition(Some(&fragment.type_condition))?;
                        self.collect(&fragment.selection_set, evaluate, visited, found)?;
                    } else if self.kind == OperationType::Mutation {
                        // Each of its fields would be there twice.
                        return Err(GuardError::invalid(REPEATED_KEY).at(spread.location()));
                    }
                }
            }
        }
        Ok(())
    }

    /// Refuses a fragment at the root for any other type than the root type.
    fn check_condition(&self, condition: Option<&Name>) -> Result<(), GuardError> {
        let Some(condition) = condition else {
            return Ok(());
        };
        // We have no subscriptions, so the type is the upstream's.
        let root = self.own.root_operation(self.kind);
        if root == Some(condition) || self.kind == OperationType::Subscription {
            return Ok(());
        }
        let root = root.map_or("", Name::as_str);
        Err(GuardError::invalid(format!(
            "A fragment on \"{condition}\" cannot be spread here: the root type is \"{root}\""
        ))
        .at(condition.location()))
    }

    /// Whether `@skip` and `@include` keep a selection. A condition without a value keeps it: the side that runs the field
    /// refuses the request.
    fn keeps(&self, directives: &DirectiveList) -> bool {
        directives.iter().all(|directive| {
            let wanted = match directive.name.as_str() {
                "skip" => false,
                "include" => true,
                _ => return true,
            };
            let condition = directive.specified_argument_by_name("if");
            let value = condition.and_then(|condition| match &**condition {
                Value::Boolean(value) => Some(*value),
                Value::Variable(name) => self.variables.value(name)?.as_bool(),
                _ => None,
            });
            value.is_none_or(|value| value == wanted)
        })
    }
}

/// Returns the directives of a selection.
pub fn selection_directives(selection: &Selection) -> &DirectiveList {
    match selection {
        Selection::Field(field) => &field.directives,
        Selection::InlineFragment(inline) => &inline.directives,
        Selection::FragmentSpread(spread) => &spread.directives,
    }
}
