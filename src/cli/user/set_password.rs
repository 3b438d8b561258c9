//! `gatelodge user set-password NAME`.

use clap::Args;

use super::args::{
    password::PasswordSource,
    user::{UserArgs, no_user, with_user},
};
use crate::{
    auth::admin::set_password::SetPasswordRefusal,
    cli::{CliError, refused},
};

/// The arguments of `gatelodge user set-password`.
#[derive(Args, Debug)]
pub struct SetPassword {
    #[command(flatten)]
    password: PasswordSource,

    #[command(flatten)]
    user: UserArgs,
}

/// Sets a user's password and ends all their sessions.
pub fn run(args: SetPassword) -> Result<(), CliError> {
    with_user(args.user, async |auth, found| {
        let password = args.password.read()?;
        let set = auth.set_password(found.user.id, password).await;
        set.map_err(|error| {
            refused(error, |reason| match reason {
                SetPasswordRefusal::PasswordInvalid(error) => error.to_string(),
                SetPasswordRefusal::NotFound => no_user(&found.name),
            })
        })?;
        found.print(
            &found.user,
            "has a new password, and is logged out everywhere",
        );
        Ok(())
    })
}
