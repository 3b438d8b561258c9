//! `gatelodge user set-password NAME`.

use clap::Args;

use super::{
    args::{
        password::PasswordSource,
        user::{UserArgs, find, nobody},
    },
    open::open,
    print_user,
};
use crate::{
    auth::{Outcome, admin::set_password::SetPasswordRefusal},
    cli::{CliError, other},
};

/// Whose password is set.
#[derive(Args, Debug)]
pub struct SetPassword {
    #[command(flatten)]
    password: PasswordSource,

    #[command(flatten)]
    whom: UserArgs,
}

/// Sets a person's password.
pub fn run(set: SetPassword) -> Result<(), CliError> {
    let UserArgs {
        name,
        json,
        settings,
    } = set.whom;
    open(*settings, async |auth| {
        let user = find(auth, &name).await?;
        let password = set.password.read()?;
        match auth.set_password(user.id, password).await.map_err(other)? {
            Outcome::Done(()) => {
                print_user::tell(
                    &user,
                    json,
                    "has another password, and is logged out everywhere",
                );
                Ok(())
            }
            Outcome::Refused(refusals) => Err(match refusals.first() {
                Some(SetPasswordRefusal::PasswordInvalid(error)) => other(error),
                Some(SetPasswordRefusal::NotFound) | None => nobody(&name),
            }),
        }
    })
}
