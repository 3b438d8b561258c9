//! Shows how far an import is: a bar on a terminal, and a plain line every few seconds elsewhere.

use std::{
    io::Read,
    time::{Duration, Instant},
};

use indicatif::{HumanDuration, ProgressBar, ProgressBarIter, ProgressStyle};

use crate::cli::print;

/// Time between two plain lines.
const INTERVAL: Duration = Duration::from_secs(5);

/// Shows the progress of an import.
pub struct Progress {
    /// Counts the bytes that are read. It is hidden when standard error is not a terminal.
    bar: ProgressBar,
    has_size: bool,
    started: Instant,
    printed: Instant,
}

impl Progress {
    /// Wraps a file, so that what is read of it counts. `size` is its size in bytes, if it is known.
    pub fn of<R: Read>(file: R, size: Option<u64>) -> (Self, ProgressBarIter<R>) {
        let bar = bar(size);
        let counted = bar.wrap_read(file);
        let progress = Self {
            bar,
            has_size: size.is_some(),
            started: Instant::now(),
            printed: Instant::now(),
        };
        (progress, counted)
    }

    /// Shows the number of rows that are done.
    pub fn rows(&mut self, rows: u64) {
        let done = format!("{rows} rows, {} rows/s", rate(rows, self.started.elapsed()));
        self.bar.set_message(done.clone());
        let left = self.has_size.then(|| self.bar.eta());
        if self.bar.is_hidden() {
            self.plain(|| match left {
                Some(left) => format!("{done}, {} left", HumanDuration(left)),
                None => done,
            });
        }
    }

    /// Prints a plain line, but not more often than every few seconds.
    pub fn plain(&mut self, line: impl FnOnce() -> String) {
        if self.printed.elapsed() >= INTERVAL {
            self.printed = Instant::now();
            self.bar.suspend(|| print::note(&line()));
        }
    }

    /// Prints something above the bar.
    pub fn say(&self, say: impl FnOnce()) {
        self.bar.suspend(say);
    }

    /// Removes the bar.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Returns how long the import has been running.
    pub fn took(&self) -> Duration {
        self.started.elapsed()
    }
}

fn bar(size: Option<u64>) -> ProgressBar {
    let (bar, template) = match size {
        Some(size) => (
            ProgressBar::new(size),
            "{bar:40} {percent}% {msg}, {eta} left",
        ),
        None => (ProgressBar::new_spinner(), "{spinner} {msg}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Rows a second.
pub fn rate(rows: u64, took: Duration) -> u64 {
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
    rows.saturating_mul(1000) / millis
}
