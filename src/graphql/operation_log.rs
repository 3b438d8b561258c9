//! Names a request's operation in the request's log lines.

use tracing::Span;

/// Characters of a name that are kept.
const MAX_NAME: usize = 64;

/// Records an operation that the guard has admitted in the span of its request.
///
/// The name is the client's word: nothing of it that could break a line is kept (ASVS 16.4.1).
pub fn record(kind: &'static str, name: Option<&str>) {
    let span = Span::current();
    span.record("kind", kind);
    if let Some(name) = name {
        let name: String = name
            .chars()
            .filter(|char| char.is_ascii_alphanumeric() || *char == '_')
            .take(MAX_NAME)
            .collect();
        span.record("operation", name);
    }
}
