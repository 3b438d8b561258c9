//! `gatelodge schema`: prints the published schema, as in `schema.graphql`.

use super::print;
use crate::graphql;

/// Prints the schema.
pub fn run() {
    print::line(graphql::sdl().trim_end());
}
