//! `gatelodge user add NAME`.

use clap::Args;

use super::{args::password::PasswordSource, open::open, print_user};
use crate::{
    auth::admin::add_user::AddUserRefusal,
    cli::{CliError, refused, settings::Settings},
};

/// The arguments of `gatelodge user add`.
#[derive(Args, Debug)]
pub struct Add {
    /// The username: 1 to 150 letters, digits and punctuation characters
    name: String,

    #[command(flatten)]
    password: PasswordSource,

    /// Print one JSON object per line, for programs
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Box<Settings>,
}

/// Adds a user.
pub fn run(add: Add) -> Result<(), CliError> {
    open(*add.settings, async |auth| {
        let password = add.password.read()?;
        let added = auth.add_user(&add.name, password).await;
        let user = added.map_err(|error| refused(error, message))?;
        print_user::print(&user, add.json, &format!("is added as {}", user.id));
        Ok(())
    })
}

fn message(refusal: AddUserRefusal) -> String {
    match refusal {
        AddUserRefusal::UsernameInvalid(error) => error.to_string(),
        AddUserRefusal::UsernameTaken => "Username already taken".to_owned(),
        AddUserRefusal::PasswordInvalid(error) => error.to_string(),
    }
}
