//! What is switched on.

use clap::{Args, ValueEnum, builder::BoolishValueParser};

/// Switches.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Features")]
pub struct FeatureConfig {
    /// Whether strangers may register
    #[arg(long, env = "GATELODGE_REGISTRATION", default_value = "open")]
    pub registration: Registration,

    /// Serve the GraphiQL page [default: on when the public URL is this machine's]
    #[arg(long, env = "GATELODGE_GRAPHIQL", value_parser = BoolishValueParser::new())]
    pub graphiql: Option<bool>,

    /// Let the schema be asked about itself [default: on when the public URL is this machine's]
    #[arg(long, env = "GATELODGE_INTROSPECTION", value_parser = BoolishValueParser::new())]
    pub introspection: Option<bool>,
}

/// Whether strangers may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Registration {
    /// They may.
    Open,
    /// `register` answers `REGISTRATION_CLOSED`.
    Closed,
}
