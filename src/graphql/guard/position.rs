//! Converts byte offsets in a document to lines and columns.

use async_graphql::Pos;

/// The byte offsets of a text's lines.
pub struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// Finds the lines of a text. A line ends with `\n`, `\r` or both (GraphQL, section 2.1.2).
    pub fn of(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let ends = (0..bytes.len()).filter(|&at| match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        Self {
            text,
            starts: [0].into_iter().chain(ends.map(|end| end + 1)).collect(),
        }
    }

    /// Returns the line and column of a byte offset, both counted from 1. Columns count characters.
    pub fn position(&self, offset: usize) -> Pos {
        let line = self.starts.partition_point(|&start| start <= offset).max(1);
        let start = self.starts[line - 1];
        let before = self.text.get(start..offset).unwrap_or_default();
        Pos {
            line,
            column: before.chars().count() + 1,
        }
    }
}
