//! `gatelodge schema`: prints what `schema.graphql` has.

use super::print;
use crate::graphql;

/// Prints the schema.
pub fn run() {
    print::line(graphql::sdl().trim_end());
}
