//! Variables that look like settings and are none: a misspelt name must not pass in silence.

use clap::Command;

/// Names that later features will read.
const RESERVED: &[&str] = &[
    "GATELODGE_SECRET",
    "GATELODGE_SECRET_FILE",
    "GATELODGE_THROTTLE_ACCOUNT",
    "GATELODGE_THROTTLE_SOURCE",
    "GATELODGE_THROTTLE_REGISTER",
    "GATELODGE_TRUSTED_PROXIES",
];

/// The names among `given` that start with `GATELODGE_` and have no effect.
pub fn without_effect<'a>(command: &Command, given: impl Iterator<Item = &'a str>) -> Vec<String> {
    let known: Vec<_> = command
        .get_arguments()
        .filter_map(|argument| argument.get_env()?.to_str())
        .collect();
    given
        .filter(|name| name.starts_with("GATELODGE_") && !known.contains(name))
        .map(|name| {
            if RESERVED.contains(&name) {
                format!("{name} (reserved, not read yet)")
            } else {
                name.to_owned()
            }
        })
        .collect()
}
