//! Features that can be turned on and off.

use clap::{Args, ValueEnum, builder::BoolishValueParser};

/// The settings of features.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Features")]
pub struct FeatureConfig {
    /// Whether new users may register themselves
    #[arg(long, env = "GATELODGE_REGISTRATION", default_value = "open")]
    pub registration: Registration,

    /// Serve the GraphiQL page [default: on if the public URL is localhost]
    #[arg(long, env = "GATELODGE_GRAPHIQL", value_parser = BoolishValueParser::new())]
    pub graphiql: Option<bool>,

    /// Allow introspection of the schema [default: on if the public URL is localhost]
    #[arg(long, env = "GATELODGE_INTROSPECTION", value_parser = BoolishValueParser::new())]
    pub introspection: Option<bool>,
}

/// Whether new users may register themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Registration {
    /// Anybody may register.
    Open,
    /// `register` returns `REGISTRATION_CLOSED`.
    Closed,
}
