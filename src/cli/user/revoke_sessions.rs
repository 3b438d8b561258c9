//! `gatelodge user revoke-sessions NAME|--all`.

use clap::{ArgGroup, Args};
use serde_json::json;

use super::{
    args::{
        settings::Settings,
        user::{find, no_user},
    },
    open::open,
    print_user::OPERATOR,
};
use crate::cli::{CliError, other, print, refused};

/// Whose sessions end.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("whose").args(["name", "all"]).required(true))]
pub struct RevokeSessions {
    /// Their username in any spelling, or their id
    name: Option<String>,

    /// Everybody's: for after a backup was restored, which brings ended sessions back
    #[arg(long)]
    all: bool,

    /// Print one JSON object a line, for programs
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Box<Settings>,
}

/// Ends sessions.
pub fn run(revoke: RevokeSessions) -> Result<(), CliError> {
    open(*revoke.settings, async |auth| {
        let count = match &revoke.name {
            Some(name) => {
                let user = find(auth, name).await?;
                let revoked = auth.revoke_user_sessions(&OPERATOR, Some(user.id));
                let revoked = revoked.await;
                revoked
                    .map_err(|error| refused(error, |_| no_user(name)))?
                    .count
            }
            None => auth.revoke_all_sessions().await.map_err(other)?,
        };
        print::line(&if revoke.json {
            json!({ "revokedCount": count }).to_string()
        } else {
            format!("sessions ended: {count}")
        });
        Ok(())
    })
}
