//! The gate: who may pass forward-auth, and where browsers log in.

use clap::Args;
use url::Url;

/// The settings of the gate.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Gate")]
pub struct GateConfig {
    /// URL of the page where users log in. Forward-auth policies with `redirect = true` send browsers there
    #[arg(long, env = "GATELODGE_LOGIN_URL")]
    pub login_url: Option<Url>,
}
