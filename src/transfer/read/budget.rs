//! Bounds what one row may read: a file whose row does not end must not fill the memory.

use std::{
    cell::Cell,
    io::{self, Read},
    rc::Rc,
};

/// Most bytes of one row, and what a reader reads ahead.
pub const ROW: u64 = 16 * 1024 * 1024;
/// What is said of a row that takes more.
pub const TOO_LONG: &str = "a row is longer than 16 MiB";

/// What is left for the row at work.
#[derive(Clone)]
pub struct Budget(Rc<Cell<u64>>);

/// A file that ends with an error when a row takes more than its budget.
pub struct Bounded<R> {
    file: R,
    budget: Budget,
}

impl Budget {
    /// A file under a new budget.
    pub fn around<R: Read>(file: R) -> (Self, Bounded<R>) {
        let budget = Self(Rc::new(Cell::new(ROW)));
        let bounded = Bounded {
            file,
            budget: budget.clone(),
        };
        (budget, bounded)
    }

    /// The next row has all of it.
    pub fn renew(&self) {
        self.0.set(ROW);
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
