//! Moving in and out: people come from other systems by a file, and leave by one that reads back.
//!
//! A reader (`django`, `csv`, `jsonl`) makes rows of the file, and of those it cannot read says whose they are; `validate` makes people of rows, `import` inserts them in
//! batches, `export` writes them.

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
pub use self::import::{Import, Told, Totals};
pub use self::match_existing::Passed;
pub use self::row::{COLUMNS, Read, ReadError, Row, Rows, Unread};
pub use self::validate::{Notice, RowError};
pub use self::wrap::{Wrap, count_weak_here};

use std::io;

/// How a file of people is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// What `manage.py dumpdata` writes: a JSON array of objects with `model`, `pk` and `fields`.
    Django,
    /// CSV with a header.
    Csv,
    /// One JSON object a line.
    JsonLines,
}

/// Reads a file's rows, one after another, for as long as somebody takes them.
///
/// A row that cannot be read is given on as such; only a file that cannot be read further ends it.
pub fn read(format: Format, file: impl io::Read, rows: &mut Rows<'_>) -> Result<(), ReadError> {
    let file = read::encoding::without_mark(file)?;
    match format {
        Format::Django => read::django::read(file, rows),
        Format::Csv => read::csv::read(file, rows),
        Format::JsonLines => read::jsonl::read(file, rows),
    }
}
