//! The cost of a selection, and the limits on it.

use std::collections::HashSet;

use apollo_compiler::{Schema, ast::DirectiveList, schema::ExtendedType};

use super::GuardError;
use crate::{config::limits::Limits, graphql::error_code::ErrorCode};

/// How many times a field inside a connection counts: the length of a typical page.
const NODES: usize = 10;
/// The maximum of nested lists in an introspection. `types { fields { args } }` has two: `args` is short and does not
/// count. graphql-js limits the same lists, except `types`, to the same depth (`MaxIntrospectionDepthRule`).
const MAX_INTROSPECTION_LISTS: usize = 2;
/// The maximum of fields below `__schema` and `__type`. The introspection query of graphql-js has about 220.
const MAX_INTROSPECTION_FIELDS: usize = 300;

/// The cost of a selection set. Sums saturate, so they never overflow to a small number.
#[derive(Clone, Copy, Default)]
pub struct Cost {
    /// Levels of fields.
    pub depth: usize,
    /// Fields at all levels.
    pub fields: usize,
    /// Fields of the set itself.
    pub width: usize,
    /// Fields with an alias.
    pub aliases: usize,
    /// Arguments of fields and directives.
    pub arguments: usize,
    /// Directives.
    pub directives: usize,
    /// Fragment spreads.
    pub spreads: usize,
    /// Connections: each queries the database and returns many nodes.
    pub connections: usize,
    /// Nested introspection lists, found by their names. They count only below `__schema` and `__type`.
    pub lists: usize,
    /// Fields below `__schema` and `__type`.
    pub introspection: usize,
}

/// The limits on a document.
pub struct Rules {
    limits: Limits,
    introspection: bool,
    /// The names of the fields that return connections.
    connections: HashSet<String>,
}

impl Cost {
    /// Adds the cost of a sibling.
    pub fn add(&mut self, other: &Self) {
        self.depth = self.depth.max(other.depth);
        self.lists = self.lists.max(other.lists);
        for (sum, part) in [
            (&mut self.fields, other.fields),
            (&mut self.width, other.width),
            (&mut self.aliases, other.aliases),
            (&mut self.arguments, other.arguments),
            (&mut self.directives, other.directives),
            (&mut self.spreads, other.spreads),
            (&mut self.connections, other.connections),
            (&mut self.introspection, other.introspection),
        ] {
            *sum = sum.saturating_add(part);
        }
    }

    /// Adds directives and their arguments.
    pub fn add_directives(&mut self, directives: &DirectiveList) {
        self.directives = self.directives.saturating_add(directives.len());
        for directive in directives {
            self.arguments = self.arguments.saturating_add(directive.arguments.len());
        }
    }
}

impl Rules {
    /// Creates the rules of a schema.
    pub fn new(limits: Limits, introspection: bool, schema: &Schema) -> Self {
        Self {
            limits,
            introspection,
            connections: connections(schema),
        }
    }

    /// Creates rules that know no schema, so no field is a connection.
    pub fn without_connections(limits: Limits, introspection: bool) -> Self {
        Self {
            limits,
            introspection,
            connections: HashSet::new(),
        }
    }

    /// Returns the cost of a field whose selection set has the cost `inside`.
    pub fn enter(&self, name: &str, mut inside: Cost) -> Result<Cost, GuardError> {
        if matches!(name, "__schema" | "__type") {
            if !self.introspection {
                return Err(GuardError::invalid("Introspection is off"));
            }
            if inside.lists > MAX_INTROSPECTION_LISTS {
                return Err(too_complex(format!(
                    "The introspection has too many nested lists: at most \
                     {MAX_INTROSPECTION_LISTS} are allowed"
                )));
            }
            inside.introspection = inside.fields;
        }
        if matches!(
            name,
            "types" | "fields" | "inputFields" | "interfaces" | "possibleTypes"
        ) {
            inside.lists += 1;
        }
        if self.connections.contains(name) {
            // A connection's fields are resolved once per node, so a nested connection would multiply the cost.
            if inside.connections > 0 {
                return Err(too_complex(
                    "A connection inside another one is not allowed",
                ));
            }
            inside.connections = 1;
            inside.fields = inside.fields.saturating_mul(NODES);
        }
        inside.depth += 1;
        inside.fields = inside.fields.saturating_add(1);
        inside.width = 1;
        Ok(inside)
    }

    /// Refuses too many root fields: each may query the database.
    pub fn check_roots(&self, cost: &Cost) -> Result<(), GuardError> {
        check("fields at its root", cost.width, self.limits.roots)
    }

    /// Refuses a cost above any limit.
    pub fn check(&self, cost: &Cost) -> Result<(), GuardError> {
        let limits = &self.limits;
        if cost.depth > limits.depth {
            return Err(too_complex(format!(
                "The operation is too deep: at most {} levels are allowed",
                limits.depth
            )));
        }
        for (what, count, max) in [
            ("fields", cost.fields, limits.complexity),
            ("aliases", cost.aliases, limits.aliases),
            // Validation compares the arguments of all fields with the same key.
            ("arguments", cost.arguments, limits.arguments),
            ("directives", cost.directives, limits.directives),
            ("connections", cost.connections, limits.roots),
            ("fragment spreads", cost.spreads, limits.spreads),
            (
                "introspection fields",
                cost.introspection,
                MAX_INTROSPECTION_FIELDS,
            ),
        ] {
            check(what, count, max)?;
        }
        Ok(())
    }
}

fn check(what: &str, count: usize, max: usize) -> Result<(), GuardError> {
    if count > max {
        return Err(GuardError::too_many(what, max));
    }
    Ok(())
}

fn too_complex(message: impl Into<String>) -> GuardError {
    GuardError::new(ErrorCode::OperationTooComplex, message)
}

/// Returns the names of a schema's fields that return connections.
fn connections(schema: &Schema) -> HashSet<String> {
    let objects = schema.types.values().filter_map(ExtendedType::as_object);
    objects
        .flat_map(|object| object.fields.values())
        .filter(|field| field.ty.inner_named_type().ends_with("Connection"))
        .map(|field| field.name.to_string())
        .collect()
}
