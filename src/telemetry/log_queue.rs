//! The way of the log to standard error: a bounded queue, and a thread of its own that writes it.
//!
//! No request waits for a reader that is slow, stopped or gone, nor for a full disk, and none fails because of it.
//! Lines that find no room are dropped and counted. Lines that matter for security have room of their own, so that a
//! client cannot push out the lines about its attack with a flood of requests.

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

/// Bytes of lines that wait, from which on ordinary lines are dropped.
const ROOM: usize = 1024 * 1024;
/// The same for lines that matter for security.
const SECURITY_ROOM: usize = 2 * ROOM;
/// Maximum bytes of one write: each makes room for new lines when it is done.
const PIECE: usize = 64 * 1024;
/// How long the thread waits before it tries again what failed.
const RETRY_DELAY: Duration = Duration::from_millis(100);
/// How long the end of the program waits for what is still in the queue.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// Takes the lines.
#[derive(Clone)]
pub struct LogQueue(Arc<Queue>);

/// Writes what is left when it is dropped.
pub struct Flush(Arc<Queue>);

struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    dropped: Arc<DroppedLines>,
}

#[derive(Default)]
struct State {
    pending: Vec<u8>,
    /// Bytes that the thread has taken and not written yet.
    writing: usize,
    is_stopping: bool,
    has_ended: bool,
}

/// What a line is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Users, passwords, sessions and throttles, or a warning or an error that is not about a single request.
    Security,
    /// Everything else: answers, the drivers' words.
    Ordinary,
    /// The queue's own line: that others were dropped.
    Report,
}

impl Kind {
    fn of(line: &Metadata<'_>) -> Self {
        let target = line.target();
        if target == module_path!() {
            Self::Report
        // What `http` refuses costs its sender nothing: a flood of it must not fill the room of the lines about logins.
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

    fn room(self) -> usize {
        match self {
            Self::Ordinary => ROOM,
            Self::Security => SECURITY_ROOM,
            Self::Report => usize::MAX,
        }
    }
}

/// Starts the thread that writes to standard error.
pub fn start(dropped: Arc<DroppedLines>) -> io::Result<(LogQueue, Flush)> {
    // Not `io::stderr`, whose lock would be held for as long as a write waits.
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

    /// Puts a line into the queue, or drops and counts it. Never waits for a write.
    fn push(&self, line: &[u8], kind: Kind) {
        let mut state = self.state();
        if state.pending.len() + state.writing + line.len() > kind.room() {
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

    /// Writes until the program ends.
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

    /// Takes all lines that wait, and waits for one if there is none; `false` at the end of the program.
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

    /// Writes lines, and tries again for as long as that fails; `false` when the program ends before it succeeds.
    fn write_all(&self, output: &mut impl Write, mut lines: &[u8]) -> bool {
        while !lines.is_empty() {
            match output.write(piece(lines)) {
                Ok(written) if written > 0 => {
                    lines = &lines[written..];
                    self.state().writing = lines.len();
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                failed => {
                    let may_wait = failed.is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
                    if !self.pause(may_wait) {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// Waits before the next try; `false` when the program ends and nothing says that waiting helps.
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

/// Returns the lines that one write takes: whole ones, so that a program that shares the file does not split them.
fn piece(lines: &[u8]) -> &[u8] {
    let Some(most) = lines.get(..PIECE) else {
        return lines;
    };
    match most.iter().rposition(|&byte| byte == b'\n') {
        Some(end) => &most[..=end],
        None => most,
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

/// Takes one line.
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
