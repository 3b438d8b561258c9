//! Environment variables that look like settings but are not. Gatelodge reports them, since a name may be misspelt.

use clap::Command;

/// Returns the names in `given` that start with `GATELODGE_` and have no effect.
pub fn without_effect<'a>(command: &Command, given: impl Iterator<Item = &'a str>) -> Vec<String> {
    let known: Vec<_> = command
        .get_arguments()
        .filter_map(|argument| argument.get_env()?.to_str())
        .collect();
    given
        .filter(|name| name.starts_with("GATELODGE_") && !known.contains(name))
        .map(str::to_owned)
        .collect()
}
