//! Limits the bytes of one row: a row without an end must not fill the memory.

use std::{
    cell::Cell,
    io::{self, Read},
    rc::Rc,
};

/// The maximum bytes of one row, including what the reader reads ahead.
pub const MAX_ROW: u64 = 16 * 1024 * 1024;
/// The error of a longer row.
pub const TOO_LONG: &str = "a row is longer than 16 MiB";

/// The bytes left for the current row.
#[derive(Clone)]
pub struct Budget(Rc<Cell<u64>>);

/// A file whose reads fail when a row exceeds its budget.
pub struct Bounded<R> {
    file: R,
    budget: Budget,
}

impl Budget {
    /// Limits a file by a new budget.
    pub fn limit<R: Read>(file: R) -> (Self, Bounded<R>) {
        let budget = Self(Rc::new(Cell::new(MAX_ROW)));
        let bounded = Bounded {
            file,
            budget: budget.clone(),
        };
        (budget, bounded)
    }

    /// Resets the budget for the next row.
    pub fn renew(&self) {
        self.0.set(MAX_ROW);
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        let left = self.budget.0.get().checked_sub(read as u64);
        self.budget
            .0
            .set(left.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, TOO_LONG))?);
        Ok(read)
    }
}
