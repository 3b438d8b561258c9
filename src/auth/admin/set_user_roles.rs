//! Set user roles: what services behind, and administrators, let a person do.

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

/// What an administrator must mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetUserRolesRefusal {
    /// As with every change of a person.
    Admin(AdminRefusal),
    /// Nobody would be left who may administer people.
    LastAdmin,
    /// More than a person can have.
    TooMany(TooManyRoles),
}

impl Refusal for SetUserRolesRefusal {}

impl From<AdminRefusal> for SetUserRolesRefusal {
    fn from(refusal: AdminRefusal) -> Self {
        Self::Admin(refusal)
    }
}

impl Auth {
    /// Sets a person's roles to what `change` makes of those that they have. Their sessions stay, and see it at once.
    pub async fn set_user_roles(
        &self,
        actor: &Actor<'_>,
        id: Option<UserId>,
        change: impl FnOnce(&Roles) -> Result<Roles, TooManyRoles>,
    ) -> Result<User, Error<SetUserRolesRefusal>> {
        let (mut transaction, mut user) =
            self.administer(actor, id).await.map_err(Error::convert)?;
        let roles = change(&user.roles).map_err(SetUserRolesRefusal::TooMany)?;
        if roles == user.roles {
            return Ok(user);
        }
        if !roles.is_admin() && self.leaves_no_admin(&transaction, actor, user.id).await? {
            return Err(SetUserRolesRefusal::LastAdmin.into());
        }
        transaction.set_roles(user.id, &roles).await?;
        self.note_act(&transaction, user.id, EventKind::RolesChanged, actor)
            .await?;
        transaction.commit().await?;
        tracing::info!(user = %user.id, %roles, by = %actor, "roles changed");
        user.roles = roles;
        Ok(user)
    }
}
