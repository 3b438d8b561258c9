//! Where something is in the upstream's schema, and the first of many errors.

use apollo_compiler::{
    diagnostic::{Diagnostic, ToCliReport},
    parser::{SourceMap, SourceSpan},
    validation::{DiagnosticData, DiagnosticList},
};

/// Returns the file, line and column of a definition: `tasks.graphql:12:1`.
pub fn position(path: &str, location: Option<SourceSpan>, sources: &SourceMap) -> String {
    let range = location.and_then(|location| location.line_column_range(sources));
    range.map_or_else(
        || path.to_owned(),
        |range| format!("{path}:{}:{}", range.start.line, range.start.column),
    )
}

/// Returns the position and the message of the first error.
///
/// Never prints a whole diagnostic list: that takes time quadratic in the number of errors.
pub fn first_error(path: &str, errors: &DiagnosticList) -> (String, String) {
    let Some(Diagnostic { sources, error }) = errors.iter().next() else {
        return (path.to_owned(), "the schema is not valid".to_owned());
    };
    (
        position(path, error.location(), sources),
        message(error).replace('\n', " "),
    )
}

fn message(error: &DiagnosticData) -> String {
    let compatible = error.unstable_compat_message();
    compatible.unwrap_or_else(|| error.to_string())
}
