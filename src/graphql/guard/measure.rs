//! What a document asks for, fragments expanded, each fragment measured once.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned,
    parser::types::{
        Directive, ExecutableDocument, FragmentDefinition, OperationDefinition, Selection,
        SelectionSet,
    },
};

use super::{
    Refusal,
    introspection::{Lists, Place},
};
use crate::{config::limits::Limits, graphql::code::ErrorCode};

/// What a selection set asks for. Sums saturate: what is too much stays too much.
#[derive(Clone, Copy, Default)]
struct Cost {
    depth: usize,
    fields: usize,
    /// Fields of the set itself, not of those below it.
    width: usize,
    aliases: usize,
    arguments: usize,
    directives: usize,
    spreads: usize,
    /// Connections: each asks the database, and each answers with many.
    connections: usize,
    /// Fields resolved, lists of the schema about itself multiplied out. Elsewhere no list is long.
    introspection: usize,
}

/// How often a field in a connection counts: as in a page of usual length.
const NODES: usize = 10;

/// Measures one document.
pub struct Measure<'d> {
    fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
    lists: Option<&'d Lists>,
    connections: &'d HashSet<String>,
    /// What is known of a fragment at a place; `None` while it is being measured.
    known: HashMap<(&'d str, Place), Option<Cost>>,
}

impl<'d> Measure<'d> {
    /// Refuses a document of which any operation asks for more than the limits allow.
    pub fn check(
        document: &'d ExecutableDocument,
        limits: &Limits,
        lists: Option<&'d Lists>,
        connections: &'d HashSet<String>,
    ) -> Result<(), Refusal> {
        let mut measure = Self {
            fragments: &document.fragments,
            lists,
            connections,
            known: HashMap::new(),
        };
        for (_, operation) in document.operations.iter() {
            let cost = measure.operation(&operation.node)?;
            if cost.width > limits.roots {
                return Err(Refusal::too_complex("fields at its root", limits.roots));
            }
            cost.judge(limits)?;
        }
        // What no operation spreads is validated all the same.
        for name in document.fragments.keys() {
            measure.fragment(name, Place::Anywhere)?.judge(limits)?;
        }
        Ok(())
    }

    fn operation(&mut self, operation: &'d OperationDefinition) -> Result<Cost, Refusal> {
        let mut cost = self.set(&operation.selection_set.node, Place::Anywhere)?;
        cost.directives(&operation.directives);
        for variable in &operation.variable_definitions {
            cost.directives(&variable.node.directives);
        }
        Ok(cost)
    }

    fn set(&mut self, set: &'d SelectionSet, place: Place) -> Result<Cost, Refusal> {
        let mut sum = Cost::default();
        for selection in &set.items {
            let cost = match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let name = field.name.node.as_str();
                    let about_schema = matches!(name, "__schema" | "__type");
                    if about_schema && self.lists.is_none() {
                        return Err(Refusal::invalid("The schema is not told here"));
                    }
                    let (times, inside) = self
                        .lists
                        .map_or((1, Place::Anywhere), |lists| lists.enter(name, place));
                    let mut cost = self.set(&field.selection_set.node, inside)?;
                    cost.depth += 1;
                    if self.connections.contains(name) {
                        cost.enter_connection()
                            .map_err(|refusal| refusal.at(selection.pos))?;
                    }
                    cost.fields = cost.fields.saturating_add(1);
                    cost.width = 1;
                    cost.introspection = cost.introspection.saturating_mul(times).saturating_add(1);
                    cost.aliases += usize::from(field.alias.is_some());
                    cost.arguments = cost.arguments.saturating_add(field.arguments.len());
                    cost.directives(&field.directives);
                    cost
                }
                Selection::InlineFragment(inline) => {
                    let mut cost = self.set(&inline.node.selection_set.node, place)?;
                    cost.directives(&inline.node.directives);
                    cost
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let mut cost = self
                        .fragment(name, place)
                        .map_err(|refusal| refusal.at(spread.pos))?;
                    cost.spreads = cost.spreads.saturating_add(1);
                    cost.directives(&spread.node.directives);
                    cost
                }
            };
            sum.add(cost);
        }
        Ok(sum)
    }

    fn fragment(&mut self, name: &str, place: Place) -> Result<Cost, Refusal> {
        let Some((name, fragment)) = self.fragments.get_key_value(name) else {
            return Err(Refusal::invalid("A fragment that is spread is not defined"));
        };
        match self.known.get(&(name.as_str(), place)) {
            Some(Some(cost)) => return Ok(*cost),
            Some(None) => return Err(Refusal::invalid("A fragment spreads itself")),
            None => {}
        }
        self.known.insert((name.as_str(), place), None);
        let mut cost = self.set(&fragment.node.selection_set.node, place)?;
        cost.directives(&fragment.node.directives);
        self.known.insert((name.as_str(), place), Some(cost));
        Ok(cost)
    }
}

impl Cost {
    fn add(&mut self, other: Self) {
        self.depth = self.depth.max(other.depth);
        self.fields = self.fields.saturating_add(other.fields);
        self.width = self.width.saturating_add(other.width);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.arguments = self.arguments.saturating_add(other.arguments);
        self.directives = self.directives.saturating_add(other.directives);
        self.spreads = self.spreads.saturating_add(other.spreads);
        self.connections = self.connections.saturating_add(other.connections);
        self.introspection = self.introspection.saturating_add(other.introspection);
    }

    /// What stands in a connection is resolved once for each of its nodes; one in another would multiply.
    fn enter_connection(&mut self) -> Result<(), Refusal> {
        if self.connections > 0 {
            let message = "A connection inside another one is not allowed";
            return Err(Refusal::new(ErrorCode::OperationTooComplex, message));
        }
        self.connections = 1;
        self.fields = self.fields.saturating_mul(NODES);
        Ok(())
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) {
        self.directives = self.directives.saturating_add(directives.len());
        for directive in directives {
            let arguments = directive.node.arguments.len();
            self.arguments = self.arguments.saturating_add(arguments);
        }
    }

    fn judge(&self, limits: &Limits) -> Result<(), Refusal> {
        if self.depth > limits.depth {
            return Err(Refusal::new(
                ErrorCode::OperationTooComplex,
                format!(
                    "The operation is too deep: at most {} levels are allowed",
                    limits.depth
                ),
            ));
        }
        for (what, count, most) in [
            ("fields", self.fields, limits.complexity),
            ("aliases", self.aliases, limits.aliases),
            // Before validation: it compares every argument of a field with those of all others of its key.
            ("arguments", self.arguments, limits.arguments),
            ("directives", self.directives, limits.directives),
            ("connections", self.connections, limits.roots),
            ("fragment spreads", self.spreads, limits.spreads),
            (
                "fields about the schema",
                self.introspection,
                limits.introspection_cost,
            ),
        ] {
            if count > most {
                return Err(Refusal::too_complex(what, most));
            }
        }
        Ok(())
    }
}
