//! One schema of Gatelodge's own and an upstream's.
//!
//! The upstream's schema is read (`upstream`), and both are merged by the rules of `merge`. Clients see the result in
//! introspection (`introspection`) and in `gatelodge schema --merged` (`print`).

use apollo_compiler::{Name, Node, Schema, ast::FieldDefinition, validation::Valid};
use async_graphql::{Value, indexmap::IndexMap};

mod clash;
mod equality;
mod introspection;
mod merge;
mod position;
mod print;
mod references;
mod rename;
mod roots;
mod upstream;
mod user;

pub use self::{
    clash::Clash,
    introspection::{IntrospectionTooLarge, MAX_INTROSPECTION_VALUES, introspect},
    upstream::{
        INTROSPECTION_QUERY, MAX_SDL_BYTES, SERVICE_QUERY, SERVICE_SDL_QUERY, UpstreamSchema,
        UpstreamSchemaError, has_service,
    },
};
use super::execute::select::Fields;

/// Both schemas as one.
#[derive(Clone, Debug)]
pub struct MergedSchema {
    schema: Valid<Schema>,
    upstream: UpstreamSchema,
    /// Our types: the shown names, and the own ones.
    own_names: IndexMap<Name, Name>,
    /// Our types that are renamed: the own names, and the shown ones.
    shown_names: equality::Renames,
    /// The fields of `User` that the upstream adds.
    user_fields: Vec<Node<FieldDefinition>>,
    notes: Vec<String>,
}

impl MergedSchema {
    /// Merges both schemas, or returns every name that they define differently. `type_prefix` is put before the names
    /// of our clashing types; an empty one renames nothing.
    pub fn merge(
        ours: &Valid<Schema>,
        theirs: UpstreamSchema,
        type_prefix: &str,
    ) -> Result<Self, Vec<Clash>> {
        merge::merge(ours, theirs, type_prefix)
    }

    /// Returns the merged schema.
    pub fn schema(&self) -> &Valid<Schema> {
        &self.schema
    }

    /// Returns the upstream's schema alone.
    pub fn upstream(&self) -> &UpstreamSchema {
        &self.upstream
    }

    /// Returns the text of the merged schema, sorted by name.
    pub fn sdl(&self) -> String {
        print::sdl(&self.schema)
    }

    /// Answers the fields `__schema` and `__type` of an operation.
    pub fn introspect(&self, fields: &Fields<'_>) -> Result<Value, IntrospectionTooLarge> {
        introspect(&self.schema, fields)
    }

    /// Returns the fields of `User` that only the upstream has, and that it finds by `_entities`.
    pub fn user_fields(&self) -> impl Iterator<Item = &Node<FieldDefinition>> {
        self.user_fields.iter()
    }

    /// Returns our own name of a type. `None` means that the type is the upstream's alone.
    pub fn own_name(&self, shown: &str) -> Option<&str> {
        self.own_names.get(shown).map(Name::as_str)
    }

    /// Returns the name under which a type of ours is shown.
    pub fn shown_name<'n>(&'n self, own: &'n str) -> &'n str {
        self.shown_names.0.get(own).map_or(own, Name::as_str)
    }

    /// Returns our types that have another name here: the shown names, and the own ones.
    pub fn renamed(&self) -> impl Iterator<Item = (&Name, &Name)> {
        self.own_names.iter().filter(|(shown, own)| shown != own)
    }

    /// Returns what the operator should know, although it is no clash.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}
