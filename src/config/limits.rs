//! How much one request may ask for, judged before any of it runs.

use std::time::Duration;

use clap::Args;

use super::values::duration;

/// Bounds of a request and of the operation in it.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Bytes of a request's body, or of a GET request's query string
    #[arg(
        long = "limit-body",
        env = "GATELODGE_LIMIT_BODY",
        default_value = "65536"
    )]
    pub body: usize,

    /// How long a request may take to send its body
    #[arg(long = "limit-body-time", env = "GATELODGE_LIMIT_BODY_TIME", default_value = "10s", value_parser = duration::parse)]
    pub body_time: Duration,

    /// How long an operation may run, the wait for a password's hash included
    #[arg(long = "limit-time", env = "GATELODGE_LIMIT_TIME", default_value = "15s", value_parser = duration::parse)]
    pub time: Duration,

    /// Tokens of a document
    #[arg(
        long = "limit-tokens",
        env = "GATELODGE_LIMIT_TOKENS",
        default_value = "1500"
    )]
    pub tokens: usize,

    /// Levels of fields, fragments expanded
    #[arg(
        long = "limit-depth",
        env = "GATELODGE_LIMIT_DEPTH",
        default_value = "16"
    )]
    pub depth: usize,

    /// Fields, fragments expanded
    #[arg(
        long = "limit-complexity",
        env = "GATELODGE_LIMIT_COMPLEXITY",
        default_value = "500"
    )]
    pub complexity: usize,

    /// Fields at the root, fragments expanded: each may ask the database
    #[arg(
        long = "limit-roots",
        env = "GATELODGE_LIMIT_ROOTS",
        default_value = "20"
    )]
    pub roots: usize,

    /// Without effect: introspection has a fixed bound
    #[arg(
        long = "limit-introspection",
        env = "GATELODGE_LIMIT_INTROSPECTION",
        hide = true
    )]
    pub limit_introspection: Option<usize>,

    /// Fields with an alias, fragments expanded
    #[arg(
        long = "limit-aliases",
        env = "GATELODGE_LIMIT_ALIASES",
        default_value = "30"
    )]
    pub aliases: usize,

    /// Arguments of fields and directives, fragments expanded
    #[arg(
        long = "limit-arguments",
        env = "GATELODGE_LIMIT_ARGUMENTS",
        default_value = "200"
    )]
    pub arguments: usize,

    /// Directives, fragments expanded
    #[arg(
        long = "limit-directives",
        env = "GATELODGE_LIMIT_DIRECTIVES",
        default_value = "20"
    )]
    pub directives: usize,

    /// Fragment spreads, fragments expanded
    #[arg(
        long = "limit-spreads",
        env = "GATELODGE_LIMIT_SPREADS",
        default_value = "100"
    )]
    pub spreads: usize,

    /// Errors told of one document
    #[arg(
        long = "limit-errors",
        env = "GATELODGE_LIMIT_ERRORS",
        default_value = "10",
        value_parser = at_least_one
    )]
    pub errors: usize,
}

/// Reads a number above 0: a refusal without an error would not be a GraphQL response.
fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|&number| number > 0)
        .ok_or_else(|| "write a number from 1 on".to_owned())
}
