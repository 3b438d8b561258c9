//! `gatelodge user delete NAME`.

use super::{
    args::user::{UserArgs, with_user},
    print_user::warn_of_no_admin,
};
use crate::cli::CliError;

/// Deletes a user.
pub fn run(args: UserArgs) -> Result<(), CliError> {
    with_user(args, async |auth, found| {
        let deleted = auth.delete_other_user(found.user.id).await;
        deleted.map_err(|error| found.refused(error))?;
        found.print(&found.user, "is deleted");
        warn_of_no_admin(auth, &found.user).await
    })
}
