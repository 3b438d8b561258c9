//! `gatelodge user roles NAME [--add R] [--remove R]`.

use clap::Args;

use super::{
    args::user::{UserArgs, find, no_user},
    open::open,
    print_user::{self, OPERATOR},
};
use crate::{
    auth::admin::set_user_roles::SetUserRolesRefusal,
    cli::{CliError, refused},
    domain::role::Role,
};

/// Whose roles are changed, and how.
#[derive(Args, Debug)]
pub struct ChangeRoles {
    /// Give a role; may be repeated
    #[arg(long, value_name = "ROLE")]
    add: Vec<Role>,

    /// Take a role; may be repeated
    #[arg(long, value_name = "ROLE")]
    remove: Vec<Role>,

    #[command(flatten)]
    whom: UserArgs,
}

/// Changes a person's roles, and shows them.
pub fn run(change: ChangeRoles) -> Result<(), CliError> {
    let UserArgs {
        name,
        json,
        settings,
    } = change.whom;
    open(*settings, async |auth| {
        let before = find(auth, &name).await?;
        let changed = auth.set_user_roles(&OPERATOR, Some(before.id), |roles| {
            roles.with(&change.add, &change.remove)
        });
        let user = changed.await.map_err(|error| {
            refused(error, |reason| match reason {
                SetUserRolesRefusal::TooMany(error) => error.to_string(),
                _ => no_user(&name),
            })
        })?;
        let roles = user.roles.to_string();
        let has = if roles.is_empty() { "no roles" } else { &roles };
        print_user::tell(&user, json, &format!("has {has}"));
        if !user.roles.is_admin() {
            print_user::warn_of_no_admin(auth, &before).await?;
        }
        Ok(())
    })
}
