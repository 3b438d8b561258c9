//! Why two schemas cannot become one.

use apollo_compiler::{
    Name,
    schema::{ExtendedType, FieldDefinition},
};
use thiserror::Error;

/// A name that Gatelodge and the upstream define differently. The text is for the operator.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Clash {
    /// Both have a root field of this name.
    #[error(
        "{position}: Gatelodge has the root field `{root}.{field}: {ours}`, and the upstream has `{theirs}`. \
         Give the upstream's field another name"
    )]
    RootField {
        /// The position of the upstream's definition.
        position: String,
        /// The name of our root type.
        root: Name,
        /// The field.
        field: Name,
        /// The arguments and type of our field.
        ours: String,
        /// The arguments and type of the upstream's field.
        theirs: String,
    },
    /// Both have a type of this name.
    #[error(
        "{position}: Gatelodge has {ours} `{name}`, and the upstream has a different definition, {theirs}. Set \
         `type-prefix` in [graphql-upstream], for example \"Gate\", which shows Gatelodge's type as `Gate{name}`. Or \
         give the upstream's type another name"
    )]
    Type {
        /// The position of the upstream's definition.
        position: String,
        /// The type.
        name: Name,
        /// The kind of our type.
        ours: &'static str,
        /// The kind of the upstream's type.
        theirs: &'static str,
    },
    /// The upstream has a type that is named like one of our root types, but is not its root type.
    #[error(
        "{position}: Gatelodge's root type is named `{name}`, and the upstream has {theirs} of this name that is not the \
         same root type. Give the upstream's type another name"
    )]
    Root {
        /// The position of the upstream's definition.
        position: String,
        /// The type.
        name: Name,
        /// The kind of the upstream's type.
        theirs: &'static str,
    },
    /// The upstream's `User` has no usable key, so it cannot extend ours.
    #[error(
        "{position}: Gatelodge has an object type `User`, and the upstream has a `User` {problem}. To extend Gatelodge's, \
         declare `type User @key(fields: \"id\")` with `id: ID!` in a schema file or in `_service {{ sdl }}`, and \
         answer `_entities`. To keep both, set `type-prefix` in [graphql-upstream], for example \"Gate\""
    )]
    User {
        /// The position of the upstream's definition.
        position: String,
        /// What is wrong with the upstream's `User`.
        problem: String,
    },
    /// Both define a directive of this name.
    #[error(
        "{position}: Gatelodge and the upstream define the directive `@{name}` differently. Give the upstream's directive \
         another name"
    )]
    Directive {
        /// The position of the upstream's definition.
        position: String,
        /// The directive.
        name: Name,
    },
    /// The prefixed name of one of our types cannot be used.
    #[error(
        "type-prefix: Gatelodge's type `{name}` would be shown as `{shown}`, {problem}. Set another `type-prefix` in \
         [graphql-upstream]"
    )]
    Prefix {
        /// The type.
        name: Name,
        /// The prefixed name.
        shown: String,
        /// What is wrong with the prefixed name.
        problem: &'static str,
    },
    /// Both together are not valid. Mostly the upstream's schema alone is not valid either.
    #[error("{position}: {message}. Correct the upstream's schema")]
    Invalid {
        /// The position of the error.
        position: String,
        /// The first error.
        message: String,
    },
}

/// Returns the kind of a type with its article, for messages.
pub(super) fn kind(ty: &ExtendedType) -> &'static str {
    match ty {
        ExtendedType::Scalar(_) => "a scalar",
        ExtendedType::Object(_) => "an object type",
        ExtendedType::Interface(_) => "an interface",
        ExtendedType::Union(_) => "a union",
        ExtendedType::Enum(_) => "an enum",
        ExtendedType::InputObject(_) => "an input type",
    }
}

/// Returns the arguments and the type of a field, for messages.
pub(super) fn signature(field: &FieldDefinition) -> String {
    let arguments: Vec<_> = field
        .arguments
        .iter()
        .map(|argument| format!("{}: {}", argument.name, argument.ty))
        .collect();
    if arguments.is_empty() {
        field.ty.to_string()
    } else {
        format!("({}): {}", arguments.join(", "), field.ty)
    }
}
