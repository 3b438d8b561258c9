//! Reads the text of a schema.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use apollo_compiler::{Schema, parser::Parser, validation::WithErrors};

use super::{super::position::first_error, UpstreamSchemaError};

/// The maximum of bytes of an upstream's schema. GitHub's has 1.4 MB.
pub const MAX_SDL_BYTES: usize = 4 * 1024 * 1024;
/// The maximum of tokens, spaces included. The parser collects an error for each token of a text that is no schema.
const MAX_TOKENS: usize = 1_000_000;
/// The maximum nesting of lists and values. It keeps the parser from overflowing the stack.
pub(super) const MAX_NESTING: usize = 100;

/// Reads a file, up to the first byte that is too much.
pub fn read_file(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let max = u64::try_from(MAX_SDL_BYTES).unwrap_or(u64::MAX);
    let mut file = File::open(path)?.take(max.saturating_add(1));
    file.read_to_string(&mut text)?;
    Ok(text)
}

/// Parses a schema and folds its extensions into its types. It is not validated: that happens when it is merged.
pub fn read(text: &str, path: &str) -> Result<Schema, UpstreamSchemaError> {
    // An upstream could otherwise have the gateway read gigabytes.
    if text.len() > MAX_SDL_BYTES {
        return Err(UpstreamSchemaError::TooLong {
            path: path.to_owned(),
            max: MAX_SDL_BYTES,
        });
    }
    let invalid = |(position, message)| UpstreamSchemaError::Invalid { position, message };
    let document = Parser::new()
        .recursion_limit(MAX_NESTING)
        .token_limit(MAX_TOKENS)
        .parse_ast(text, path)
        .map_err(|failed| invalid(first_error(path, &failed.errors)))?;
    // Subgraphs extend types that they do not define, and printers define scalars that every schema has.
    Schema::builder()
        .adopt_orphan_extensions()
        .ignore_builtin_redefinitions()
        .add_ast(&document)
        .build()
        .map_err(|WithErrors { errors, .. }| invalid(first_error(path, &errors)))
}
