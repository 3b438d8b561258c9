//! Set user roles: what upstream services, and administrators, allow a user to do.

use super::actor::{Actor, AdminRefusal};
use crate::{
    auth::{Auth, Error, Refusal},
    domain::{
        id::UserId,
        role::{Roles, TooManyRoles},
        security_event::EventKind,
        user::User,
    },
};

/// Why roles are not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetUserRolesRefusal {
    /// The same reasons as for every change of a user.
    Admin(AdminRefusal),
    /// The user is the last administrator.
    LastAdmin,
    /// More roles than a user can have.
    TooMany(TooManyRoles),
}

impl Refusal for SetUserRolesRefusal {}

impl From<AdminRefusal> for SetUserRolesRefusal {
    fn from(refusal: AdminRefusal) -> Self {
        Self::Admin(refusal)
    }
}

impl Auth {
    /// Sets a user's roles to the result of `change` on the current roles. The user's sessions stay, and use the new
    /// roles at once.
    pub async fn set_user_roles(
        &self,
        actor: &Actor<'_>,
        id: Option<UserId>,
        change: impl FnOnce(&Roles) -> Result<Roles, TooManyRoles>,
    ) -> Result<User, Error<SetUserRolesRefusal>> {
        let (mut transaction, mut user) = self
            .begin_admin_change(actor, id)
            .await
            .map_err(Error::convert)?;
        let roles = change(&user.roles).map_err(SetUserRolesRefusal::TooMany)?;
        if roles == user.roles {
            return Ok(user);
        }
        if !roles.is_admin() && self.leaves_no_admin(&transaction, actor, user.id).await? {
            return Err(SetUserRolesRefusal::LastAdmin.into());
        }
        transaction.set_roles(user.id, &roles).await?;
        self.record_admin_event(&transaction, user.id, EventKind::RolesChanged, actor)
            .await?;
        transaction.commit().await?;
        tracing::info!(user = %user.id, %roles, by = %actor, "roles changed");
        user.roles = roles;
        Ok(user)
    }
}
