//! The cost of a selection, and the rules that bound it.

use std::collections::HashSet;

use apollo_compiler::{Schema, ast::DirectiveList, schema::ExtendedType};

use super::GuardError;
use crate::{config::limits::Limits, graphql::error_code::ErrorCode};

/// How often a field inside a connection counts: as in a page of usual length.
const NODES: usize = 10;
/// The maximum of lists inside each other in an introspection: `types { fields { args } }` has two, since `args` are few.
/// graphql-js bounds the same lists but `types` at the same depth (`MaxIntrospectionDepthRule`).
const MAX_INTROSPECTION_LISTS: usize = 2;
/// The maximum of fields below `__schema` and `__type`. The introspection query of graphql-js has about 220.
const MAX_INTROSPECTION_FIELDS: usize = 300;

/// What a selection set asks for. Sums saturate: what is too much stays too much.
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
    /// Connections: each asks the database, and each answers with many nodes.
    pub connections: usize,
    /// Lists of introspection inside each other, by their names. They count only below `__schema` and `__type`.
    pub lists: usize,
    /// Fields below `__schema` and `__type`.
    pub introspection: usize,
}

/// What a document may ask for.
pub struct Rules {
    limits: Limits,
    introspection: bool,
    /// The names of the fields that return connections.
    connections: HashSet<String>,
}

impl Cost {
    /// Adds what stands beside.
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
    /// The rules of a schema.
    pub fn new(limits: Limits, introspection: bool, schema: &Schema) -> Self {
        Self {
            limits,
            introspection,
            connections: connections(schema),
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
                    "The introspection has too many lists inside each other: at most \
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
            // What stands in a connection is resolved once for each of its nodes; one in another would multiply.
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

    /// Refuses too many root fields: each may ask the database.
    pub fn check_roots(&self, cost: &Cost) -> Result<(), GuardError> {
        check("fields at its root", cost.width, self.limits.roots)
    }

    /// Refuses what is above any limit.
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
            // Validation compares the arguments of all fields with one key.
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
