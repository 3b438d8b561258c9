//! Describes JSON that is not a row, without its values: they may be hashes, or passwords in a wrong field.

use serde::Deserialize;
use serde_json::error::Category;

/// The maximum characters: the text contains a field's name, which may be anything.
const MAX_CHARS: usize = 300;

/// Describes why the bytes are not a `T`.
pub fn describe<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> String {
    if let Err(error) = std::str::from_utf8(bytes) {
        return format!("it is not UTF-8 after byte {}", error.valid_up_to());
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let (path, error) = match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Ok(_) => (String::new(), json.end().err()),
        Err(error) => (error.path().to_string(), Some(error.into_inner())),
    };
    let Some(error) = error else {
        return "it cannot be read".to_owned();
    };
    let words = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let words = words.strip_suffix(&position).unwrap_or(&words);
    let problem = match error.classify() {
        Category::Data if words.starts_with("invalid") || words.contains("variant") => {
            format!("{path} has a value of a wrong kind")
        }
        Category::Data => words.to_owned(),
        _ if error.line() > 1 => format!("it is broken{position} of it: {words}"),
        _ => format!("it is broken at column {}: {words}", error.column()),
    };
    problem.chars().take(MAX_CHARS).collect()
}
