//! Secrets from files, as container platforms provide them.

use std::{
    fs::File,
    io::{self, ErrorKind, Read},
    path::Path,
};

use super::ConfigError;

/// Maximum bytes of a secret's file. A device would fill the memory.
const MAX_BYTES: u64 = 64 * 1024;

/// Reads a secret's file, without one line ending at its end.
pub fn read(path: &Path, setting: &'static str) -> Result<String, ConfigError> {
    let text = bounded(path).map_err(|error| ConfigError {
        setting,
        problem: format!(
            "cannot read {}: {error}. Check its path and permissions",
            path.display()
        ),
    })?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

fn bounded(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_string(&mut text)?;
    if u64::try_from(read).unwrap_or(u64::MAX) > MAX_BYTES {
        let problem = format!("it has more than {MAX_BYTES} bytes");
        return Err(io::Error::new(ErrorKind::FileTooLarge, problem));
    }
    Ok(text)
}
