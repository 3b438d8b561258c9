//! `setUserRoles`.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::{
    auth::admin::set_user_roles::SetUserRolesRefusal,
    domain::role::{Role, RoleError, Roles},
    graphql::{
        context::RequestContext,
        error::ResolverError,
        types::{
            user::User,
            user_error::{UserErrorContent, payload, refused, user_error},
        },
    },
};

/// The field `setUserRoles`.
#[derive(Default)]
pub struct SetUserRoles;

/// Whose roles to set, and which.
#[derive(InputObject)]
pub struct SetUserRolesInput {
    /// Their id.
    id: ID,
    /// All roles that they have from now on: words of letters, digits and `_ - . :`. Those left out are taken away.
    roles: Vec<String>,
}

/// What came of it.
#[derive(Default, SimpleObject)]
pub struct SetUserRolesPayload {
    /// Whose roles are set; null when there are errors.
    user: Option<User>,
    /// What the administrator must mend first; empty when the roles are set.
    user_errors: Vec<SetUserRolesUserError>,
}

/// What can be wrong.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum SetUserRolesErrorCode {
    /// There is no such person.
    NotFound,
    /// One of the roles is no role.
    RoleInvalid,
    /// More roles than a person can have.
    TooManyRoles,
    /// Nobody would be left who may administer people.
    LastAdmin,
    /// Too long ago that they proved who they are: `reauthenticate` first.
    ReauthenticationRequired,
}

user_error!(
    SetUserRolesUserError,
    SetUserRolesErrorCode,
    SetUserRolesPayload
);

#[Object]
impl SetUserRoles {
    /// For administrators: sets a person's roles; `admin` makes them an administrator. Needs a recent proof of who one is.
    async fn set_user_roles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose roles to set, and which.")] input: SetUserRolesInput,
    ) -> Result<SetUserRolesPayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let actor = context.administrator().await?;
        let roles: Result<Vec<Role>, _> = input.roles.iter().map(|role| role.parse()).collect();
        let roles = match roles {
            Ok(roles) => roles,
            Err(error) => return Ok(refused(vec![error])),
        };
        let id = input.id.parse().ok();
        let set = context
            .auth
            .set_user_roles(&actor, id, |_| Roles::new(roles));
        payload(set.await, |user| SetUserRolesPayload {
            user: Some(User(user)),
            ..Default::default()
        })
    }
}

impl From<RoleError> for UserErrorContent<SetUserRolesErrorCode> {
    fn from(error: RoleError) -> Self {
        let code = SetUserRolesErrorCode::RoleInvalid;
        Self::at("roles", code, error.to_string())
    }
}

impl From<SetUserRolesRefusal> for UserErrorContent<SetUserRolesErrorCode> {
    fn from(refusal: SetUserRolesRefusal) -> Self {
        use SetUserRolesErrorCode as Code;
        match refusal {
            SetUserRolesRefusal::Admin(refusal) => {
                Self::admin(refusal, Code::NotFound, Code::ReauthenticationRequired)
            }
            SetUserRolesRefusal::LastAdmin => Self::last_admin(Code::LastAdmin),
            SetUserRolesRefusal::TooMany(error) => {
                Self::at("roles", Code::TooManyRoles, error.to_string())
            }
        }
    }
}
