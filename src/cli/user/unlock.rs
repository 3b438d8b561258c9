//! `gatelodge user unlock NAME`.

use super::args::user::{UserArgs, with_user_and_secret};
use crate::cli::{CliError, print};

/// Resets the failed logins of a user's account.
pub fn run(args: UserArgs) -> Result<(), CliError> {
    with_user_and_secret(args, async |auth, found| {
        let unlocked = auth.unlock_user(found.user.id).await;
        let done = if unlocked.map_err(|error| found.refused(error))? {
            "is unlocked, and can log in without waiting"
        } else {
            "had no failed logins"
        };
        found.print(&found.user, done);
        if found.user.disabled_at.is_some() && !found.json {
            print::warning(
                "the user is disabled and cannot log in: gatelodge user enable NAME changes that",
            );
        }
        if !found.json {
            print::hint(
                "a browser that the user has used before has its own count, and may have to wait up to 20 minutes; a private window does not wait",
            );
        }
        Ok(())
    })
}
