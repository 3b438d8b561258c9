//! `gatelodge user unlock NAME`.

use super::{
    args::user::{UserArgs, find, no_user},
    open::open_with_secret,
    print_user,
};
use crate::cli::{CliError, print, refused};

/// Forgives the failures at a person's account.
pub fn run(
    UserArgs {
        name,
        json,
        settings,
    }: UserArgs,
) -> Result<(), CliError> {
    open_with_secret(*settings, async |auth| {
        let user = find(auth, &name).await?;
        let unlocked = auth.unlock_user(user.id).await;
        let done = if unlocked.map_err(|error| refused(error, |_| no_user(&name)))? {
            "need not wait for failed logins any more"
        } else {
            "had no failed logins to forgive"
        };
        print_user::tell(&user, json, done);
        if !json {
            print::hint(
                "a browser that they used before has a count of its own, and waits 20 minutes at most; a private window need not",
            );
        }
        Ok(())
    })
}
