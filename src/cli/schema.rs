//! `gatelodge schema`: prints what `schema.graphql` has.

use super::{CliError, print};
use crate::graphql;

/// Prints the schema.
pub fn run() -> Result<(), CliError> {
    print::line(graphql::sdl().trim_end());
    Ok(())
}
