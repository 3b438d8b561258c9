//! `gatelodge user disable NAME`.

use super::{
    args::user::{UserArgs, find, no_user},
    open::open,
    print_user::{self, OPERATOR},
};
use crate::cli::{CliError, refused};

/// Disables a person.
pub fn run(
    UserArgs {
        name,
        json,
        settings,
    }: UserArgs,
) -> Result<(), CliError> {
    open(*settings, async |auth| {
        let before = find(auth, &name).await?;
        let disabled = auth.disable_user(&OPERATOR, Some(before.id));
        // The operator needs no recent proof, so the user is gone.
        let disabled = disabled.await;
        let user = disabled.map_err(|error| refused(error, |_| no_user(&name)))?;
        print_user::tell(&user, json, "is disabled, and logged out everywhere");
        print_user::warn_of_no_admin(auth, &before).await?;
        Ok(())
    })
}
