//! `gatelodge user delete NAME`.

use super::{
    open::open,
    person,
    whom::{Whom, find, nobody},
};
use crate::cli::{CliError, other};

/// Deletes a person.
pub fn run(
    Whom {
        name,
        json,
        settings,
    }: Whom,
) -> Result<(), CliError> {
    open(*settings, async |auth| {
        let user = find(auth, &name).await?;
        if !auth.delete_other_user(user.id).await.map_err(other)? {
            return Err(nobody(&name));
        }
        person::tell(&user, json, "is deleted");
        person::warn_of_no_admin(auth, &user).await
    })
}
