//! The user that a command is about.

use clap::Args;

use crate::{
    auth::{
        self, Auth,
        admin::{actor::Actor, find_users::UserKey},
    },
    cli::{
        CliError, other, refused,
        settings::Settings,
        user::{
            open::{open, open_with_secret},
            print_user,
        },
    },
    domain::{user::User, username::Username},
};

/// The arguments of a command on one user.
#[derive(Args, Debug)]
pub struct UserArgs {
    /// The username, in upper or lower case, or the id
    pub name: String,

    /// Print one JSON object per line, for programs
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub settings: Box<Settings>,
}

/// A user that was found by [`UserArgs`].
pub struct FoundUser {
    /// The user, before the command.
    pub user: User,
    /// The name or the id of the arguments.
    pub name: String,
    /// Whether to print JSON.
    pub json: bool,
}

impl FoundUser {
    async fn find(auth: &Auth, name: String, json: bool) -> Result<Self, CliError> {
        Ok(Self {
            user: find(auth, &name).await?,
            name,
            json,
        })
    }

    /// Prints what was done to the user. `user` is the user after the command.
    pub fn print(&self, user: &User, done: &str) {
        print_user::print(user, self.json, done);
    }

    /// Converts the error of a command that is refused only if the user no longer exists. An operator needs no recent
    /// password check.
    pub fn refused<R>(&self, error: auth::Error<R>) -> CliError {
        refused(error, |_| no_user(&self.name))
    }
}

/// Opens the database, finds the user and runs a command's work on them.
pub fn with_user(
    args: UserArgs,
    work: impl AsyncFnOnce(&Auth, FoundUser) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let (name, json) = (args.name, args.json);
    open(*args.settings, async move |auth| {
        work(auth, FoundUser::find(auth, name, json).await?).await
    })
}

/// Does the same as [`with_user`], for work that needs the gateway's secret.
pub fn with_user_and_secret(
    args: UserArgs,
    work: impl AsyncFnOnce(&Auth, FoundUser) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let (name, json) = (args.name, args.json);
    open_with_secret(*args.settings, async move |auth| {
        work(auth, FoundUser::find(auth, name, json).await?).await
    })
}

/// Finds the user with a name or an id.
pub async fn find(auth: &Auth, name: &str) -> Result<User, CliError> {
    let actor = Actor::OPERATOR;
    let username = Username::parse(name).ok();
    let keys = [
        // The id first: a username may have the form of another user's id.
        name.parse().ok().map(UserKey::Id),
        username.clone().map(UserKey::Name),
    ];
    for key in keys.into_iter().flatten() {
        if let Some(user) = auth.user(&actor, &key).await.map_err(other)? {
            return Ok(user);
        }
    }
    let similar = match &username {
        Some(username) => auth.suggest_names(&actor, username).await.map_err(other)?,
        None => vec![],
    };
    if similar.is_empty() {
        return Err(other(no_user(name)));
    }
    let similar = similar.join(" or ");
    Err(other(format!(
        "there is no user called {name}; did you mean {similar}?"
    )))
}

/// Returns the message for a user that does not exist.
pub fn no_user(name: &str) -> String {
    format!("there is no user called {name}")
}
