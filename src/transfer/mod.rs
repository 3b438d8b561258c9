//! Import and export of users as files. An import reads what an export writes.
//!
//! A reader (`django`, `csv`, `jsonl`) parses rows, and names the user of a row that it cannot parse. `validate` turns
//! rows into candidates, `import` inserts them in batches, `export` writes a file.

mod cell;
mod export;
mod import;
pub(crate) mod match_existing;
mod problem;
pub mod read;
mod row;
mod unknown_hash;
pub(crate) mod validate;
mod wrap;

pub use self::export::{Exported, export};
pub use self::import::{Import, RowReport, Totals};
pub use self::match_existing::SeenRows;
pub use self::row::{COLUMNS, ReadError, ReadRow, Row, Rows, UnreadableRow};
pub use self::validate::{RowError, RowWarning};
pub use self::wrap::{Wrap, count_weak_existing};

use std::io;

/// The format of a file of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The output of `manage.py dumpdata`: a JSON array of objects with `model`, `pk` and `fields`.
    Django,
    /// CSV with a header.
    Csv,
    /// One JSON object per line.
    JsonLines,
}

/// Reads a file row by row, until `rows` breaks.
///
/// A row that cannot be read is passed on as such. Only an error of the file itself ends the reading.
pub fn read(format: Format, file: impl io::Read, rows: &mut Rows<'_>) -> Result<(), ReadError> {
    let file = read::encoding::without_mark(file)?;
    match format {
        Format::Django => read::django::read(file, rows),
        Format::Csv => read::csv::read(file, rows),
        Format::JsonLines => read::jsonl::read(file, rows),
    }
}
