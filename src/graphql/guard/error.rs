//! Why an operation may not run.

use apollo_compiler::parser::SourceSpan;
use async_graphql::Pos;

use super::Lines;
use crate::graphql::error_code::ErrorCode;

/// Why an operation may not run.
#[derive(Debug)]
pub struct GuardError {
    /// What is wrong, for programs.
    pub code: ErrorCode,
    /// What is wrong, for developers. It never repeats a value from the client.
    pub message: String,
    /// The position in the document as a byte offset.
    pub(super) offset: Option<usize>,
    /// The position in the document as line and column.
    pub position: Option<Pos>,
}

impl GuardError {
    /// Creates an error without a position.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            offset: None,
            position: None,
        }
    }

    /// Creates the error of an invalid document.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::ValidationFailed, message)
    }

    /// Returns the error of a document that has not the one operation to run.
    pub fn no_operation(is_named: bool) -> Self {
        Self::invalid(if is_named {
            "The document has no operation with this name"
        } else {
            "The document has several operations: choose one with operationName"
        })
    }

    /// Returns the error of a persisted query that is not cached. Clients know this message and send the text again.
    pub(super) fn persisted_query_not_found() -> Self {
        Self::new(ErrorCode::PersistedQueryNotFound, "PersistedQueryNotFound")
    }

    /// Returns the validation error if introspection is off: it must not reveal names and types of the schema.
    pub(super) fn masked_invalid() -> Self {
        Self::invalid("The document does not fit the schema")
    }

    pub(super) fn too_many(what: &str, max: usize) -> Self {
        Self::new(
            ErrorCode::OperationTooComplex,
            format!("The operation has too many {what}: at most {max} are allowed"),
        )
    }

    /// Sets the position, unless a more specific one is already set.
    #[must_use]
    pub fn at(mut self, location: Option<SourceSpan>) -> Self {
        let offset = location.map(|span| span.offset());
        self.offset = self.offset.or(offset);
        self
    }

    /// Sets the position as a byte offset.
    #[must_use]
    pub fn at_offset(mut self, offset: usize) -> Self {
        self.offset = Some(offset);
        self
    }

    /// Finds line and column in the document's text.
    #[must_use]
    pub fn locate(mut self, text: &str) -> Self {
        if let Some(offset) = self.offset {
            self.position = Some(Lines::of(text).position(offset));
        }
        self
    }
}
