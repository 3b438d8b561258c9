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

/// Input of `setUserRoles`.
#[derive(InputObject)]
pub struct SetUserRolesInput {
    /// The user's id.
    id: ID,
    /// All roles of the user: words of letters, digits and `_ - . :`. Roles that are not in the list are removed.
    roles: Vec<String>,
}

/// Payload of `setUserRoles`.
#[derive(Default, SimpleObject)]
pub struct SetUserRolesPayload {
    /// The user, with the new roles. Null when there are errors.
    user: Option<User>,
    /// What the user must correct first. Empty on success.
    user_errors: Vec<SetUserRolesUserError>,
}

/// Error codes of `setUserRoles`.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum SetUserRolesErrorCode {
    /// No user has this id.
    NotFound,
    /// One of the roles is not valid.
    RoleInvalid,
    /// There are more roles than a user can have.
    TooManyRoles,
    /// The change would leave no administrator.
    LastAdmin,
    /// The last password check is too old. Call `reauthenticate` first.
    ReauthenticationRequired,
}

user_error!(
    SetUserRolesUserError,
    SetUserRolesErrorCode,
    SetUserRolesPayload
);

#[Object]
impl SetUserRoles {
    /// For administrators: sets a user's roles. The role `admin` makes the user an administrator. Requires a recent password check.
    async fn set_user_roles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user and the new roles.")] input: SetUserRolesInput,
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
