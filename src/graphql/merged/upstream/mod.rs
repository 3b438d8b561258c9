//! The upstream's schema as Gatelodge knows it.
//!
//! It is read from a text (`sdl`) or from introspection (`introspected`). Federation's definitions are removed
//! (`federation`), and what introspection does not show (`tidy`).

use std::path::Path;

use apollo_compiler::{
    Name, Schema,
    ast::OperationType,
    name,
    schema::{Component, ExtendedType, FieldDefinition, ObjectType},
};
use serde_json::Value;
use thiserror::Error;

pub mod federation;
mod introspected;
mod sdl;
mod tidy;

use self::federation::UserKey;
pub use self::{
    introspected::{INTROSPECTION_QUERY, SERVICE_QUERY, SERVICE_SDL_QUERY, has_service},
    sdl::MAX_SDL_BYTES,
};

/// The schema of an upstream. It affects introspection and the join of `User`, never routing.
#[derive(Clone, Debug)]
pub struct UpstreamSchema {
    /// The schema without federation, and with no directives but those that introspection shows.
    pub(in crate::graphql::merged) schema: Schema,
    /// Where it comes from, for messages.
    pub(in crate::graphql::merged) path: String,
    pub(in crate::graphql::merged) user_key: UserKey,
    query: Name,
}

/// Why an upstream's schema cannot be read. The text is for the operator.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UpstreamSchemaError {
    /// The file cannot be read.
    #[error(
        "{path}: the schema cannot be read: {problem}. Correct `schema` in [graphql-upstream], or the file"
    )]
    File {
        /// The file.
        path: String,
        /// What went wrong.
        problem: String,
    },
    /// The text is too long.
    #[error("{path}: the schema has more than {max} bytes. Leave out what clients do not use")]
    TooLong {
        /// Where the schema comes from.
        path: String,
        /// The maximum length.
        max: usize,
    },
    /// The text is not a schema.
    #[error("{position}: {message}. Correct the upstream's schema")]
    Invalid {
        /// The position of the first error.
        position: String,
        /// The first error.
        message: String,
    },
    /// The answer is not that of the introspection query.
    #[error(
        "the upstream's introspection: {0}. Give the schema as a file: `schema` in [graphql-upstream]"
    )]
    Introspection(String),
}

impl UpstreamSchema {
    /// Reads a file with the text of a schema.
    pub fn from_file(path: &Path) -> Result<Self, UpstreamSchemaError> {
        let name = path.display().to_string();
        let text = sdl::read_file(path).map_err(|error| UpstreamSchemaError::File {
            path: name.clone(),
            problem: error.to_string(),
        })?;
        Self::from_sdl(&text, &name)
    }

    /// Reads the text of a schema: that of a file, or of `_service { sdl }`. Subgraphs of Apollo Federation 1 and 2 may
    /// leave out definitions that federation has.
    pub fn from_sdl(text: &str, path: &str) -> Result<Self, UpstreamSchemaError> {
        let mut schema = sdl::read(text, path)?;
        let user_key = federation::remove(&mut schema);
        tidy::tidy(&mut schema);
        let query = schema.root_operation(OperationType::Query).cloned();
        Ok(Self {
            query: query.unwrap_or(name!("Query")),
            schema,
            path: path.to_owned(),
            user_key,
        })
    }

    /// Reads the `data` of [`INTROSPECTION_QUERY`]. It has no `@key`, so it never extends
    /// `User`.
    pub fn from_introspection(data: &Value) -> Result<Self, UpstreamSchemaError> {
        let text = introspected::sdl(data).map_err(UpstreamSchemaError::Introspection)?;
        Self::from_sdl(&text, "introspection")
    }

    /// Returns the name of the query root.
    pub fn query_root(&self) -> &Name {
        &self.query
    }

    /// Returns the name of the mutation root.
    pub fn mutation_root(&self) -> Option<&Name> {
        self.schema.root_operation(OperationType::Mutation)
    }

    /// Returns the name of the subscription root.
    pub fn subscription_root(&self) -> Option<&Name> {
        self.schema.root_operation(OperationType::Subscription)
    }

    /// Whether a root field may be null. `None` means that the field is unknown.
    pub fn is_root_nullable(&self, kind: OperationType, field: &str) -> Option<bool> {
        Some(!self.field(kind, field)?.ty.is_non_null())
    }

    /// Returns the names of the query root's fields, and whether each may be null.
    pub fn query_fields(&self) -> impl Iterator<Item = (&Name, bool)> {
        let root = self.root(OperationType::Query).into_iter();
        root.flat_map(|root| &root.fields)
            .map(|(name, field)| (name, !field.ty.is_non_null()))
    }

    /// Returns the names of all types.
    pub fn type_names(&self) -> impl Iterator<Item = &Name> {
        self.schema.types.keys()
    }

    /// Whether the upstream has a type.
    pub fn has_type(&self, name: &str) -> bool {
        self.schema.types.contains_key(name)
    }

    /// Whether a type of the upstream has a field. `name` is the upstream's own name of the type.
    pub fn has_field(&self, name: &str, field: &str) -> bool {
        match self.schema.types.get(name) {
            Some(ExtendedType::Object(object)) => object.fields.contains_key(field),
            Some(ExtendedType::Interface(interface)) => interface.fields.contains_key(field),
            _ => false,
        }
    }

    /// Returns a root field.
    fn field(&self, kind: OperationType, field: &str) -> Option<&Component<FieldDefinition>> {
        self.root(kind)?.fields.get(field)
    }

    /// Returns a root type.
    pub(in crate::graphql::merged) fn root(&self, kind: OperationType) -> Option<&ObjectType> {
        let name = self.schema.root_operation(kind)?;
        self.schema.types.get(name)?.as_object()
    }
}
