//! `gatelodge user unlock NAME`.

use super::{
    args::user::{UserArgs, find},
    open::open_with_secret,
    print_user,
};
use crate::cli::{CliError, other, print};

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
        let done = if auth.unlock_user(user.id).await.map_err(other)? {
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
