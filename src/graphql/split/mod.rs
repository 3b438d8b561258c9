//! Splits an operation between Gatelodge and the upstream.
//!
//! The root fields decide (`roots`): a field of our schema runs here, every other field runs in the upstream. Each side gets
//! the client's document without everything that belongs to the other side (`text`, `halves`). Fields that the upstream
//! adds to our `User` are found by their types (`own_types`), and asked for when the users are known.

use std::{collections::HashMap, ops::Range};

use apollo_compiler::ast::OperationType;

mod adjust;
mod definitions;
mod facts;
mod foreign;
mod halves;
mod joined;
mod own_types;
mod roots;
mod sides;
mod text;
mod variables;

pub use self::{
    definitions::Definitions,
    facts::{USER, UpstreamFacts, root_field},
    halves::split,
    joined::{JoinedDocument, joined_document, site_key},
    roots::{FEDERATION_FIELDS, Root, Router, Side, Variables},
    text::{Shifts, Source},
};

/// The parts of an operation.
pub struct Split {
    /// Whether it is a query or a mutation.
    pub kind: OperationType,
    /// The operation's name.
    pub name: Option<String>,
    /// The part that runs here.
    pub own: Option<OwnPart>,
    /// The part that reads the merged schema.
    pub introspection: Option<String>,
    /// The part that runs in the upstream.
    pub upstream: Option<UpstreamPart>,
}

/// The part of an operation that runs here.
pub struct OwnPart {
    /// The document.
    pub text: String,
    /// The fields that the upstream adds to our users, by where they begin in `text`, in bytes. There, the user's id stands
    /// for the field.
    pub joined: HashMap<usize, JoinedField>,
    /// The tokens of fragments that the upstream must not get with joined fields: they are for types that it does not have.
    pub foreign: Vec<Range<usize>>,
    /// Where positions in `text` are not those in the client's document.
    pub shifts: Shifts,
}

/// A field that the upstream adds to our `User`.
#[derive(Clone, Debug)]
pub struct JoinedField {
    /// Its name.
    pub name: String,
    /// Its tokens in the client's document.
    pub tokens: Range<usize>,
}

/// The part of an operation that runs in the upstream.
pub struct UpstreamPart {
    /// The document. It has one operation.
    pub text: String,
    /// The names of the operation's variables.
    pub variables: Vec<String>,
    /// Whether it has `@defer` or `@stream`.
    pub is_incremental: bool,
}
