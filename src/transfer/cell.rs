//! CSV cells that a spreadsheet does not run as formulas.
//!
//! Stops CSV injection: a user could choose a username like `=HYPERLINK(…)`. Without the prefix, an operator's
//! spreadsheet would run it when it opens an export (OWASP, "CSV Injection").

use std::borrow::Cow;

/// The prefix of a cell that would be run: a spreadsheet takes the rest as text.
const PREFIX: char = '\'';
/// The first characters that get the prefix. The prefix is one of them, so that removing it is exact.
const ESCAPED: [char; 8] = ['=', '+', '-', '@', '\t', '\r', '\n', PREFIX];

/// Returns the cell for the file.
pub fn escape(text: &str) -> Cow<'_, str> {
    if text.starts_with(ESCAPED) {
        Cow::Owned(format!("{PREFIX}{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Returns the text of a cell of the file. An apostrophe that no export wrote stays.
pub fn unescape(cell: &[u8]) -> &[u8] {
    match cell {
        [b'\'', rest @ ..]
            if rest
                .first()
                .is_some_and(|&byte| ESCAPED.contains(&char::from(byte))) =>
        {
            rest
        }
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_cells_that_a_spreadsheet_would_run_are_changed() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("'t Hooft", "''t Hooft"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(escape(text), cell);
        }
        assert_eq!(unescape(b"'t Hooft"), b"'t Hooft", "no export wrote it");
    }

    proptest! {
        #[test]
        fn every_cell_reads_back(text in "[=+@'\t\r\n-]{0,3}.*") {
            let cell = escape(&text);
            prop_assert_eq!(unescape(cell.as_bytes()), text.as_bytes());
        }
    }
}
