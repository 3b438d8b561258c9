//! Words for people on the terminal; the log is not for them.

use std::{
    io::{self, ErrorKind, Write},
    sync::OnceLock,
};

use super::{CliError, other};

/// Why standard output could not be written, if that happened.
static FAILURE: OnceLock<io::Error> = OnceLock::new();

/// A line on standard output.
pub fn line(text: &str) {
    is_read(text);
}

/// A line of many on standard output; returns whether it is of use to write more.
pub fn is_read(text: &str) -> bool {
    match writeln!(io::stdout(), "{text}") {
        Ok(()) => true,
        Err(error) => {
            let _ = FAILURE.set(error);
            false
        }
    }
}

/// Reports a line that could not be written to standard output, on a full disk for example: what is there is cut
/// off. A reader that went away, as `head` does, has what it wanted.
pub fn check() -> Result<(), CliError> {
    match FAILURE.get() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(other(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// What may be wrong, on standard error.
pub fn warning(text: &str) {
    let _ = writeln!(io::stderr(), "warning: {text}");
}

/// What went wrong, on standard error.
pub fn error(text: &str) {
    let _ = writeln!(io::stderr(), "error: {text}");
}

/// What helps to mend it, on standard error.
pub fn hint(text: &str) {
    let _ = writeln!(io::stderr(), "hint: {text}");
}

/// What a command has to tell of its work, on standard error.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
