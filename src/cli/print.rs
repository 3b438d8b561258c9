//! Words for people on the terminal; the log is not for them.

use std::io::Write;

/// A line on standard output. A reader who has gone away is not told.
pub fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// What went wrong, on standard error.
pub fn error(text: &str) {
    let _ = writeln!(std::io::stderr(), "error: {text}");
}

/// What helps to mend it, on standard error.
pub fn hint(text: &str) {
    let _ = writeln!(std::io::stderr(), "hint: {text}");
}
