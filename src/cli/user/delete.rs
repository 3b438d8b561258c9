//! `gatelodge user delete NAME`.

use super::{
    args::user::{UserArgs, find, no_user},
    open::open,
    print_user,
};
use crate::cli::{CliError, refused};

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
        let deleted = auth.delete_other_user(user.id).await;
        deleted.map_err(|error| refused(error, |_| no_user(&name)))?;
        print_user::tell(&user, json, "is deleted");
        print_user::warn_of_no_admin(auth, &user).await
    })
}
