//! `gatelodge user set-password NAME`.

use clap::Args;

use super::{
    open::open,
    password::PasswordSource,
    person,
    whom::{Whom, find, nobody},
};
use crate::{
    auth::{Outcome, set_password::SetPasswordRefusal},
    cli::{CliError, other},
};

/// Whose password is set.
#[derive(Args, Debug)]
pub struct SetPassword {
    #[command(flatten)]
    password: PasswordSource,

    #[command(flatten)]
    whom: Whom,
}

/// Sets a person's password.
pub fn run(set: SetPassword) -> Result<(), CliError> {
    let Whom {
        name,
        json,
        settings,
    } = set.whom;
    open(*settings, async |auth| {
        let user = find(auth, &name).await?;
        let password = set.password.read()?;
        match auth.set_password(user.id, password).await.map_err(other)? {
            Outcome::Done(()) => {
                person::tell(
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
