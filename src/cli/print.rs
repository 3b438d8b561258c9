//! Prints messages for operators on the terminal. The log is separate.

use std::{
    io::{self, ErrorKind, Write},
    sync::OnceLock,
};

use super::{CliError, other};

/// The first error in writing standard output.
static FAILURE: OnceLock<io::Error> = OnceLock::new();

/// Prints a line on standard output.
pub fn line(text: &str) {
    is_read(text);
}

/// Prints a line on standard output. Returns whether the output is still read.
pub fn is_read(text: &str) -> bool {
    match writeln!(io::stdout(), "{text}") {
        Ok(()) => true,
        Err(error) => {
            let _ = FAILURE.set(error);
            false
        }
    }
}

/// Returns the error if standard output could not be written, for example on a full disk: the output is incomplete. A
/// closed pipe is no error: a reader such as `head` has what it wanted.
pub fn check() -> Result<(), CliError> {
    match FAILURE.get() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(other(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a warning on standard error.
pub fn warning(text: &str) {
    let _ = writeln!(io::stderr(), "warning: {text}");
}

/// Prints an error on standard error.
pub fn error(text: &str) {
    let _ = writeln!(io::stderr(), "error: {text}");
}

/// Prints advice on standard error.
pub fn hint(text: &str) {
    let _ = writeln!(io::stderr(), "hint: {text}");
}

/// Prints a command's progress or result on standard error.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
