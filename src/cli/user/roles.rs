//! `gatelodge user roles NAME [--add R] [--remove R]`.

use clap::Args;

use super::{
    args::user::{UserArgs, no_user, with_user},
    print_user::{OPERATOR, warn_of_no_admin},
};
use crate::{
    auth::admin::set_user_roles::SetUserRolesRefusal,
    cli::{CliError, refused},
    domain::role::Role,
};

/// The arguments of `gatelodge user roles`.
#[derive(Args, Debug)]
pub struct ChangeRoles {
    /// Add a role; may be repeated
    #[arg(long, value_name = "ROLE")]
    add: Vec<Role>,

    /// Remove a role; may be repeated
    #[arg(long, value_name = "ROLE")]
    remove: Vec<Role>,

    #[command(flatten)]
    user: UserArgs,
}

/// Changes a user's roles and prints them.
pub fn run(args: ChangeRoles) -> Result<(), CliError> {
    let (add, remove) = (args.add, args.remove);
    with_user(args.user, async |auth, found| {
        let changed = auth.set_user_roles(&OPERATOR, Some(found.user.id), |roles| {
            roles.with(&add, &remove)
        });
        let user = changed.await.map_err(|error| {
            refused(error, |reason| match reason {
                SetUserRolesRefusal::TooMany(error) => error.to_string(),
                _ => no_user(&found.name),
            })
        })?;
        let roles = user.roles.to_string();
        let roles = if roles.is_empty() { "no roles" } else { &roles };
        found.print(&user, &format!("has {roles}"));
        if !user.roles.is_admin() {
            warn_of_no_admin(auth, &found.user).await?;
        }
        Ok(())
    })
}
