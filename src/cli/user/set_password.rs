//! `gatelodge user set-password NAME`.

use clap::Args;

use super::{
    args::{
        password::PasswordSource,
        user::{UserArgs, find, no_user},
    },
    open::open,
    print_user,
};
use crate::{
    auth::admin::set_password::SetPasswordRefusal,
    cli::{CliError, refused},
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
        let set = auth.set_password(user.id, password).await;
        set.map_err(|error| {
            refused(error, |reason| match reason {
                SetPasswordRefusal::PasswordInvalid(error) => error.to_string(),
                SetPasswordRefusal::NotFound => no_user(&name),
            })
        })?;
        print_user::tell(
            &user,
            json,
            "has another password, and is logged out everywhere",
        );
        Ok(())
    })
}
