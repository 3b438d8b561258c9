//! `gatelodge user delete NAME`.

use super::{
    args::user::{UserArgs, find, nobody},
    open::open,
    print_user,
};
use crate::cli::{CliError, other};

/// Deletes a person.
pub fn run(
    UserArgs {
        name,
        json,
        settings,
    }: UserArgs,
) -> Result<(), CliError> {
    open(*settings, async |auth| {
        let user = find(auth, &name).await?;
        if !auth.delete_other_user(user.id).await.map_err(other)? {
            return Err(nobody(&name));
        }
        print_user::tell(&user, json, "is deleted");
        print_user::warn_of_no_admin(auth, &user).await
    })
}
