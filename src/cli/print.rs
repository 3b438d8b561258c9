//! Words for people on the terminal; the log is not for them.

use std::io::Write;

/// A line on standard output. A reader who has gone away is not told.
pub fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A line of many on standard output; tells whether anybody still reads them.
pub fn is_read(text: &str) -> bool {
    writeln!(std::io::stdout(), "{text}").is_ok()
}

/// What may be wrong, on standard error.
pub fn warning(text: &str) {
    let _ = writeln!(std::io::stderr(), "warning: {text}");
}

/// What went wrong, on standard error.
pub fn error(text: &str) {
    let _ = writeln!(std::io::stderr(), "error: {text}");
}

/// What helps to mend it, on standard error.
pub fn hint(text: &str) {
    let _ = writeln!(std::io::stderr(), "hint: {text}");
}

/// What a command has to tell of its work, on standard error.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
