//! `gatelodge user enable NAME`.

use super::{
    args::user::{UserArgs, find, nobody},
    open::open,
    print_user::{self, OPERATOR},
};
use crate::{
    auth::Outcome,
    cli::{CliError, other},
};

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
        // Nothing is asked of the operator: who is refused has gone meanwhile.
        let Outcome::Done(user) = enabled.await.map_err(other)? else {
            return Err(nobody(&name));
        };
        print_user::tell(&user, json, "is enabled");
        Ok(())
    })
}
