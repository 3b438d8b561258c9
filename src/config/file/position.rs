//! Positions in the settings file: bytes to lines.

use std::ops::Range;

/// The text of the file.
pub struct Position<'t> {
    text: &'t str,
}

impl<'t> Position<'t> {
    /// Creates it for a text.
    pub fn new(text: &'t str) -> Self {
        Self { text }
    }

    /// Returns the line of a byte, from 1.
    pub fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().iter().take(at);
        before.filter(|byte| **byte == b'\n').count() + 1
    }

    /// Returns the key at these bytes, without quotes.
    pub fn key(&self, at: Range<usize>) -> Option<&'t str> {
        let key = self.text.get(at)?;
        Some(key.trim_matches(['"', '\'']))
    }
}
