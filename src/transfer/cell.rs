//! Cells of CSV that no spreadsheet runs.
//!
//! Stops CSV injection: a user could choose a name like `=HYPERLINK(…)`, which the spreadsheet of an operator who opens
//! an export would run (OWASP, "CSV Injection").

use std::borrow::Cow;

/// What stands before a cell that would be run: a spreadsheet takes the rest as text.
const MARK: char = '\'';
/// The beginnings of cells that get the mark. The mark is one of them, so that taking it away is exact.
const MARKED: [char; 8] = ['=', '+', '-', '@', '\t', '\r', '\n', MARK];

/// Returns the cell as it is written.
pub fn escape(text: &str) -> Cow<'_, str> {
    if text.starts_with(MARKED) {
        Cow::Owned(format!("{MARK}{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Returns what a written cell holds. An apostrophe that an export never put there stays.
pub fn unescape(cell: &[u8]) -> &[u8] {
    match cell {
        [b'\'', rest @ ..]
            if rest
                .first()
                .is_some_and(|&byte| MARKED.contains(&char::from(byte))) =>
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
