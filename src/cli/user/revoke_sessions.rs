//! `gatelodge user revoke-sessions NAME|--all`.

use clap::{ArgGroup, Args};
use serde_json::json;

use super::{
    args::user::{find, no_user},
    open::open,
    print_user::OPERATOR,
};
use crate::cli::{CliError, other, print, refused, settings::Settings};

/// The arguments of `gatelodge user revoke-sessions`.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("target").args(["name", "all"]).required(true))]
pub struct RevokeSessions {
    /// The username, in upper or lower case, or the id
    name: Option<String>,

    /// End the sessions of all users; use it after restoring a backup, which brings ended sessions back
    #[arg(long)]
    all: bool,

    /// Print one JSON object per line, for programs
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Box<Settings>,
}

/// Ends the sessions of a user, or of all users.
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
