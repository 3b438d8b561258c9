//! `gatelodge user disable NAME`.

use super::{
    args::user::{UserArgs, find, nobody},
    open::open,
    print_user::{self, OPERATOR},
};
use crate::{
    auth::Outcome,
    cli::{CliError, other},
};

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
        // Nothing is asked of the operator: who is refused has gone meanwhile.
        let Outcome::Done(user) = disabled.await.map_err(other)? else {
            return Err(nobody(&name));
        };
        print_user::tell(&user, json, "is disabled, and logged out everywhere");
        print_user::warn_of_no_admin(auth, &before).await?;
        Ok(())
    })
}
