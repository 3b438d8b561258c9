//! The log's queue: a bounded queue in memory, and a thread that writes it to standard error.
//!
//! No request waits or fails because the log's reader is slow, stopped or gone, or because the disk is full. If the queue
//! is full, lines are dropped and counted. Security lines have their own reserve, so that a client cannot displace the
//! lines about its attack with a flood of requests.

use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    mem,
    os::fd::AsFd,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

use super::metrics::DroppedLines;

/// Maximum bytes of waiting lines before ordinary lines are dropped.
const CAPACITY: usize = 1024 * 1024;
/// Maximum bytes of waiting lines before security lines are dropped.
const SECURITY_CAPACITY: usize = 2 * CAPACITY;
/// Maximum bytes of one write. Each finished write frees capacity for new lines.
const MAX_WRITE: usize = 64 * 1024;
/// How long the thread waits before it repeats a failed write.
const RETRY_DELAY: Duration = Duration::from_millis(100);
/// How long the end of the program waits for the remaining lines.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// The queue's input, for the log.
#[derive(Clone)]
pub struct LogQueue(Arc<Queue>);

/// Writes the remaining lines when it is dropped.
pub struct Flush(Arc<Queue>);

struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    dropped: Arc<DroppedLines>,
}

#[derive(Default)]
struct State {
    pending: Vec<u8>,
    /// Bytes that the thread has taken but not written yet.
    writing: usize,
    is_stopping: bool,
    has_ended: bool,
}

/// The kind of a line, which decides when it is dropped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A line about users, passwords, sessions or throttles, or a warning or error that is not about a single request.
    Security,
    /// All other lines, for example about responses, or of the drivers.
    Ordinary,
    /// The queue's own report about dropped lines.
    Report,
}

impl Kind {
    fn of(line: &Metadata<'_>) -> Self {
        let target = line.target();
        if target == module_path!() {
            Self::Report
        // Requests that `http` refuses cost their sender nothing. A flood of them must not use the reserve of the lines
        // about logins.
        } else if target.starts_with("gatelodge::auth") && *line.level() <= Level::INFO
            || target.starts_with("gatelodge")
                && !target.starts_with("gatelodge::http")
                && *line.level() <= Level::WARN
        {
            Self::Security
        } else {
            Self::Ordinary
        }
    }

    fn capacity(self) -> usize {
        match self {
            Self::Ordinary => CAPACITY,
            Self::Security => SECURITY_CAPACITY,
            Self::Report => usize::MAX,
        }
    }
}

/// Starts the thread that writes to standard error.
pub fn start(dropped: Arc<DroppedLines>) -> io::Result<(LogQueue, Flush)> {
    // `io::stderr` is not used: its lock would be held while a write waits.
    let output = File::from(io::stderr().as_fd().try_clone_to_owned()?);
    let queue = Arc::new(Queue {
        state: Mutex::default(),
        changed: Condvar::new(),
        dropped,
    });
    let writer = Arc::clone(&queue);
    thread::Builder::new()
        .name("log".to_owned())
        .spawn(move || writer.write(output))?;
    Ok((LogQueue(Arc::clone(&queue)), Flush(queue)))
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line to the queue, or drops and counts it. Never waits for a write.
    fn push(&self, line: &[u8], kind: Kind) {
        let mut state = self.state();
        if state.pending.len() + state.writing + line.len() > kind.capacity() {
            drop(state);
            self.dropped.count(kind == Kind::Security);
            return;
        }
        let was_empty = state.pending.is_empty();
        state.pending.extend_from_slice(line);
        drop(state);
        if was_empty {
            self.changed.notify_all();
        }
    }

    /// Writes lines until the program ends.
    fn write(&self, mut output: impl Write) {
        let mut batch = vec![];
        let mut reported = (0, 0);
        while self.take(&mut batch) && self.write_all(&mut output, &batch) {
            let (security, ordinary) = self.dropped.get();
            if (security, ordinary) != reported {
                tracing::warn!(
                    security = security - reported.0,
                    ordinary = ordinary - reported.1,
                    "log lines were dropped while the log could not be written"
                );
                reported = (security, ordinary);
            }
        }
        self.state().has_ended = true;
        self.changed.notify_all();
    }

    /// Takes all waiting lines, or waits for one. Returns `false` at the end of the program.
    fn take(&self, batch: &mut Vec<u8>) -> bool {
        batch.clear();
        let mut state = self.state();
        while state.pending.is_empty() {
            if state.is_stopping {
                return false;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        mem::swap(&mut state.pending, batch);
        state.writing = batch.len();
        true
    }

    /// Writes lines and repeats failed writes. Returns `false` if the program ends before it succeeds.
    fn write_all(&self, output: &mut impl Write, mut lines: &[u8]) -> bool {
        while !lines.is_empty() {
            match output.write(next_write(lines)) {
                Ok(written) if written > 0 => {
                    lines = &lines[written..];
                    self.state().writing = lines.len();
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => {
                    let may_wait = result.is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
                    if !self.pause(may_wait) {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// Waits before the next attempt. Returns `false` if the program ends and waiting would not help.
    fn pause(&self, may_wait: bool) -> bool {
        let state = self.state();
        if state.is_stopping {
            drop(state);
            if may_wait {
                thread::sleep(RETRY_DELAY);
            }
            return may_wait;
        }
        let woken = self
            .changed
            .wait_timeout_while(state, RETRY_DELAY, |state| !state.is_stopping);
        drop(woken);
        true
    }
}

/// Returns the lines for one write: only whole lines, so that another program that writes to the same file cannot split
/// them.
fn next_write(lines: &[u8]) -> &[u8] {
    let Some(longest) = lines.get(..MAX_WRITE) else {
        return lines;
    };
    match longest.iter().rposition(|&byte| byte == b'\n') {
        Some(end) => &longest[..=end],
        None => longest,
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_stopping = true;
        self.0.changed.notify_all();
        let ended = self
            .0
            .changed
            .wait_timeout_while(state, FLUSH_TIMEOUT, |state| !state.has_ended);
        drop(ended);
    }
}

/// The writer of one line.
pub struct Line<'a> {
    queue: &'a Queue,
    kind: Kind,
}

impl<'a> MakeWriter<'a> for LogQueue {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line {
            queue: &self.0,
            kind: Kind::Ordinary,
        }
    }

    fn make_writer_for(&'a self, line: &Metadata<'_>) -> Line<'a> {
        Line {
            queue: &self.0,
            kind: Kind::of(line),
        }
    }
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.queue.push(line, self.kind);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
