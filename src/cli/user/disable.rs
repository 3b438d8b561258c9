//! `gatelodge user disable NAME`.

use super::{
    args::user::{UserArgs, with_user},
    print_user::{OPERATOR, warn_of_no_admin},
};
use crate::cli::CliError;

/// Disables a user and ends all their sessions.
pub fn run(args: UserArgs) -> Result<(), CliError> {
    with_user(args, async |auth, found| {
        let disabled = auth.disable_user(&OPERATOR, Some(found.user.id)).await;
        let user = disabled.map_err(|error| found.refused(error))?;
        found.print(&user, "is disabled, and logged out everywhere");
        warn_of_no_admin(auth, &found.user).await
    })
}
