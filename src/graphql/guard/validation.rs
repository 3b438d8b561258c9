//! Messages of validation errors. They repeat no value of the document, which may be a password.

use apollo_compiler::{
    diagnostic::ToCliReport,
    validation::{DiagnosticData, DiagnosticList},
};

use super::GuardError;
use crate::graphql::error_code::ErrorCode;

/// The maximum of bytes of a message, which may repeat a long name.
const MAX_MESSAGE: usize = 256;

/// Returns the first `max` errors.
///
/// Never prints a whole diagnostic list: that takes quadratic time, and seconds for a few kilobytes.
pub fn refusals(errors: &DiagnosticList, max: usize) -> Vec<GuardError> {
    let is = |error: &DiagnosticData, name| error.unstable_error_name() == Some(name);
    let mut all = errors.iter();
    let unknown_fields = all.any(|diagnostic| is(diagnostic.error, "UndefinedField"));
    errors
        .iter()
        .map(|diagnostic| diagnostic.error)
        // The library drops unknown fields before it checks selections, so an empty selection may be a mere
        // consequence.
        .filter(|error| !(unknown_fields && is(error, "MissingSubselection")))
        .take(max)
        .map(refusal)
        .collect()
}

fn refusal(error: &DiagnosticData) -> GuardError {
    let mut message = message(error);
    if message.len() > MAX_MESSAGE {
        message.truncate(message.floor_char_boundary(MAX_MESSAGE));
        message.push('…');
    }
    GuardError::new(ErrorCode::ValidationFailed, message).at(error.location())
}

/// Returns the message of an error: that of graphql-js if it holds only names.
fn message(error: &DiagnosticData) -> String {
    let known = match error.unstable_error_name() {
        // Their messages may quote a value, which may be a password.
        Some(
            "UnsupportedValueType"
            | "IntCoercionError"
            | "FloatCoercionError"
            | "UndefinedEnumValue",
        ) => Some("A value does not fit its type.".to_owned()),
        Some("RecursionLimitError" | "RecursionError" | "DeeplyNestedType") => {
            Some("The document is nested too deeply.".to_owned())
        }
        Some(_) => error.unstable_compat_message(),
        None => None,
    };
    known.unwrap_or_else(|| "The document does not fit the schema.".to_owned())
}
