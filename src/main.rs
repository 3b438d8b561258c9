//! Gatelodge's command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatelodge::cli::run(std::env::args_os())
}
