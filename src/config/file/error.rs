//! An error in the settings file. It never repeats a line of the file.

use std::{fmt, path::PathBuf};

/// An error in the settings file.
#[derive(Debug, PartialEq, Eq)]
pub struct FileError {
    pub(super) path: PathBuf,
    pub(super) line: Option<usize>,
    /// The key, if it is one of a setting.
    pub(super) key: Option<String>,
    pub(super) problem: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.problem)
    }
}
