//! Whom a command is about, and what it says when there is nobody of that name.

use clap::Args;

use super::settings::Settings;
use crate::{
    auth::{
        Auth,
        admin::{actor::Actor, find_users::UserKey},
    },
    cli::{CliError, other},
    domain::{user::User, username::Username},
};

/// One person, and how the command speaks.
#[derive(Args, Debug)]
pub struct UserArgs {
    /// Their username in any spelling, or their id
    pub name: String,

    /// Print one JSON object a line, for programs
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub settings: Box<Settings>,
}

/// Finds the person of a name or an id.
pub async fn find(auth: &Auth, name: &str) -> Result<User, CliError> {
    let actor = Actor::OPERATOR;
    let username = Username::parse(name).ok();
    let keys = [
        // The id first: somebody may have taken another's id for a name.
        name.parse().ok().map(UserKey::Id),
        username.clone().map(UserKey::Name),
    ];
    for key in keys.into_iter().flatten() {
        if let Some(user) = auth.user(&actor, &key).await.map_err(other)? {
            return Ok(user);
        }
    }
    let near = match &username {
        Some(username) => auth.suggest_names(&actor, username).await.map_err(other)?,
        None => vec![],
    };
    if near.is_empty() {
        return Err(other(no_user(name)));
    }
    let near = near.join(" or ");
    Err(other(format!(
        "there is no user called {name}; did you mean {near}?"
    )))
}

/// Says that a user does not exist, or no longer.
pub fn no_user(name: &str) -> String {
    format!("there is no user called {name}")
}
