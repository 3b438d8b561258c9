//! How far an import is: a bar on a terminal, and a plain line now and then elsewhere.

use std::{
    io::{self, IsTerminal, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use crate::cli::print;

/// How often a plain line comes.
const PLAIN: Duration = Duration::from_secs(5);

/// Tells how far it is.
pub struct Progress {
    /// None where there is no terminal.
    bar: Option<ProgressBar>,
    started: Instant,
    told: Instant,
    size: Option<u64>,
    read: Arc<AtomicU64>,
}

/// A file that counts what is read of it.
pub struct Counted<R> {
    file: R,
    read: Arc<AtomicU64>,
}

impl Progress {
    /// Of a file of so many bytes, if that is known.
    pub fn of<R>(file: R, size: Option<u64>) -> (Self, Counted<R>) {
        let read = Arc::new(AtomicU64::new(0));
        let bar = io::stderr().is_terminal().then(|| bar(size));
        let (started, told) = (Instant::now(), Instant::now());
        let counted = Counted {
            file,
            read: Arc::clone(&read),
        };
        (
            Self {
                bar,
                started,
                told,
                size,
                read,
            },
            counted,
        )
    }

    /// So many rows are done.
    pub fn rows(&mut self, rows: u64) {
        let read = self.read.load(Ordering::Relaxed);
        let took = self.started.elapsed();
        if let Some(bar) = &self.bar {
            bar.set_position(read);
            bar.set_message(format!("{rows} rows, {} rows/s", rate(rows, took)));
        } else {
            let left = self.size.and_then(|size| left(read, size, took));
            let left = left.map_or_else(String::new, |left| {
                format!(", {} left", HumanDuration(left))
            });
            self.plain(|| format!("{rows} rows, {} rows/s{left}", rate(rows, took)));
        }
    }

    /// Says a plain line, if it is time for one.
    pub fn plain(&mut self, line: impl FnOnce() -> String) {
        if self.told.elapsed() >= PLAIN {
            self.told = Instant::now();
            print::note(&line());
        }
    }

    /// Says something beside the bar.
    pub fn say(&self, say: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }

    /// It is done.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// How long it has been at it.
    pub fn took(&self) -> Duration {
        self.started.elapsed()
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
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

fn left(read: u64, size: u64, took: Duration) -> Option<Duration> {
    let rest = u128::from(size.saturating_sub(read));
    let nanoseconds = (took.as_nanos() * rest).checked_div(read.into())?;
    u64::try_from(nanoseconds).ok().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_falls_to_nothing() {
        const SIZE: u64 = 1_000_000;
        let at = |read, seconds| left(read, SIZE, Duration::from_secs(seconds));
        assert_eq!(at(0, 1), None);
        assert_eq!(at(250_000, 10), Some(Duration::from_secs(30)));
        assert_eq!(at(SIZE / 2, 20), Some(Duration::from_secs(20)));
        assert_eq!(at(SIZE, 40), Some(Duration::ZERO));
        // A file that grows has been read further than it was long.
        assert_eq!(at(SIZE + 1, 40), Some(Duration::ZERO));
    }
}
