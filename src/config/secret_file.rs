//! Secrets from files, as container platforms provide them.

use std::{fs, path::Path};

use super::ConfigError;

/// Reads a secret's file, without one line ending at its end.
pub fn read(path: &Path, setting: &'static str) -> Result<String, ConfigError> {
    let text = fs::read_to_string(path).map_err(|error| ConfigError {
        setting,
        problem: format!(
            "cannot read {}: {error}. Check its path and permissions",
            path.display()
        ),
    })?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}
