//! `gatelodge user enable NAME`.

use super::{
    args::user::{UserArgs, find, no_user},
    open::open,
    print_user::{self, OPERATOR},
};
use crate::cli::{CliError, refused};

/// Enables a person.
pub fn run(
    UserArgs {
        name,
        json,
        settings,
    }: UserArgs,
) -> Result<(), CliError> {
    open(*settings, async |auth| {
        let before = find(auth, &name).await?;
        let enabled = auth.enable_user(&OPERATOR, Some(before.id));
        // The operator needs no recent proof, so the user is gone.
        let enabled = enabled.await;
        let user = enabled.map_err(|error| refused(error, |_| no_user(&name)))?;
        print_user::tell(&user, json, "is enabled");
        Ok(())
    })
}
