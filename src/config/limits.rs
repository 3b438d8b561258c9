//! Limits of one request. They are checked before anything of the request runs.

use std::time::Duration;

use clap::Args;

use super::values::duration;

/// Limits of a request and of its operation.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Maximum bytes of a request's body, or of a GET request's query string
    #[arg(
        long = "limit-body",
        env = "GATELODGE_LIMIT_BODY",
        default_value = "65536",
        value_parser = at_least_one
    )]
    pub body: usize,

    /// Timeout for a client to send the body
    #[arg(long = "limit-body-time", env = "GATELODGE_LIMIT_BODY_TIME", default_value = "10s", value_parser = duration::parse)]
    pub body_time: Duration,

    /// Timeout of an operation, including the wait for a password hash
    #[arg(long = "limit-time", env = "GATELODGE_LIMIT_TIME", default_value = "15s", value_parser = duration::parse)]
    pub time: Duration,

    /// Maximum tokens of a document
    #[arg(
        long = "limit-tokens",
        env = "GATELODGE_LIMIT_TOKENS",
        default_value = "1500",
        value_parser = at_least_one
    )]
    pub tokens: usize,

    /// Maximum depth of fields, with fragments expanded
    #[arg(
        long = "limit-depth",
        env = "GATELODGE_LIMIT_DEPTH",
        default_value = "16",
        value_parser = at_least_one
    )]
    pub depth: usize,

    /// Maximum number of fields, with fragments expanded
    #[arg(
        long = "limit-complexity",
        env = "GATELODGE_LIMIT_COMPLEXITY",
        default_value = "500",
        value_parser = at_least_one
    )]
    pub complexity: usize,

    /// Maximum number of root fields, with fragments expanded. Each may query the database
    #[arg(
        long = "limit-roots",
        env = "GATELODGE_LIMIT_ROOTS",
        default_value = "20",
        value_parser = at_least_one
    )]
    pub roots: usize,

    /// No effect: introspection has a fixed limit
    #[arg(
        long = "limit-introspection",
        env = "GATELODGE_LIMIT_INTROSPECTION",
        hide = true
    )]
    pub limit_introspection: Option<usize>,

    /// Maximum number of fields with an alias, with fragments expanded
    #[arg(
        long = "limit-aliases",
        env = "GATELODGE_LIMIT_ALIASES",
        default_value = "30"
    )]
    pub aliases: usize,

    /// Maximum number of arguments of fields and directives, with fragments expanded
    #[arg(
        long = "limit-arguments",
        env = "GATELODGE_LIMIT_ARGUMENTS",
        default_value = "200"
    )]
    pub arguments: usize,

    /// Maximum number of directives, with fragments expanded
    #[arg(
        long = "limit-directives",
        env = "GATELODGE_LIMIT_DIRECTIVES",
        default_value = "20"
    )]
    pub directives: usize,

    /// Maximum number of fragment spreads, with fragments expanded
    #[arg(
        long = "limit-spreads",
        env = "GATELODGE_LIMIT_SPREADS",
        default_value = "100"
    )]
    pub spreads: usize,

    /// Maximum number of errors reported for one document
    #[arg(
        long = "limit-errors",
        env = "GATELODGE_LIMIT_ERRORS",
        default_value = "10",
        value_parser = at_least_one
    )]
    pub errors: usize,
}

/// Parses a number above 0. A limit of 0 would refuse every request, and a refusal without an error would not be a valid
/// GraphQL response.
fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|&number| number > 0)
        .ok_or_else(|| "must be 1 or more".to_owned())
}
