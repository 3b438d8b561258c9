//! Adds a request's operation to the request's log lines.

use tracing::Span;

/// The maximum of characters of a name in the log.
const MAX_NAME: usize = 64;

/// Records an operation that the guard has admitted in the span of its request.
///
/// The client chooses the name: characters that could break a log line are dropped (ASVS 16.4.1).
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
