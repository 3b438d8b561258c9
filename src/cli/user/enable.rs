//! `gatelodge user enable NAME`.

use super::{
    args::user::{UserArgs, with_user},
    print_user::OPERATOR,
};
use crate::cli::CliError;

/// Enables a user.
pub fn run(args: UserArgs) -> Result<(), CliError> {
    with_user(args, async |auth, found| {
        let enabled = auth.enable_user(&OPERATOR, Some(found.user.id)).await;
        let user = enabled.map_err(|error| found.refused(error))?;
        found.print(&user, "is enabled");
        Ok(())
    })
}
