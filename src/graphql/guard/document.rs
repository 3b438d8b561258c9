//! A document that passed the guard, and an operation of it that may run.

use std::{ops::Range, sync::Arc};

use apollo_compiler::{ExecutableDocument, Node, executable::Operation, validation::Valid};

use async_graphql::Pos;

use super::{IncludedRoot, Plan, shared::SharedDocument};
use crate::graphql::split::JoinedDocument;

/// A document that passed the guard.
pub struct Document {
    /// What it is.
    pub(super) content: Content,
    /// Its text.
    pub text: Arc<str>,
    /// The number of its tokens.
    pub(super) tokens: usize,
    /// Whether it may hold a password. Then it must not be cached.
    pub(super) holds_secret: bool,
}

/// What a document is.
pub(super) enum Content {
    /// All of it runs here. It is the document with the types of its fields.
    Own(Valid<ExecutableDocument>),
    /// Parts of it may run in the upstream.
    Shared(Box<SharedDocument>),
}

/// An operation that may run.
pub enum Admitted {
    /// All of it runs here.
    Own {
        /// Its document.
        document: Arc<Document>,
        /// The operation.
        operation: Node<Operation>,
    },
    /// It has parts.
    Shared {
        /// Its document.
        document: Arc<Document>,
        /// Its parts.
        plan: Arc<Plan>,
        /// The root fields that `@skip` and `@include` keep, in the order of the answer's keys.
        roots: Vec<IncludedRoot>,
    },
}

impl Document {
    /// Returns the document with the types of its fields, if all of it runs here.
    pub fn executable(&self) -> Option<&Valid<ExecutableDocument>> {
        match &self.content {
            Content::Own(executable) => Some(executable),
            Content::Shared(_) => None,
        }
    }

    /// Returns the positions of tokens, if this document has parts.
    pub fn positions(&self, tokens: &[usize]) -> Vec<Pos> {
        match &self.content {
            Content::Own(_) => vec![],
            Content::Shared(shared) => shared.positions(tokens),
        }
    }

    /// Returns how many times a document is stored: with parts, as the whole and as a part of each side.
    pub(super) fn parts(&self) -> usize {
        match &self.content {
            Content::Own(_) => 1,
            Content::Shared(_) => 3,
        }
    }

    /// Returns the document that asks the upstream for joined fields, if this one has parts.
    pub fn joined_document(
        &self,
        operation_name: Option<&str>,
        sites: &[Vec<Range<usize>>],
        foreign: &[Range<usize>],
    ) -> Option<JoinedDocument> {
        match &self.content {
            Content::Own(_) => None,
            Content::Shared(shared) => Some(shared.joined_document(operation_name, sites, foreign)),
        }
    }
}
