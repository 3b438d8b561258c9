//! `changeUsername`.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};

use crate::{
    auth::account::change_username::ChangeUsernameRefusal,
    graphql::{
        context::RequestContext,
        error::ResolverError,
        types::{
            user::User,
            user_error::{UserErrorContent, payload, user_error},
        },
    },
};

/// The field `changeUsername`.
#[derive(Default)]
pub struct ChangeUsername;

/// Input of `changeUsername`.
#[derive(InputObject)]
pub struct ChangeUsernameInput {
    /// The new username: 1 to 150 letters, digits and punctuation characters.
    username: String,
}

/// Payload of `changeUsername`.
#[derive(Default, SimpleObject)]
pub struct ChangeUsernamePayload {
    /// The user, with the new username. Null when there are errors.
    user: Option<User>,
    /// What the user must correct first. Empty on success.
    user_errors: Vec<ChangeUsernameUserError>,
}

/// Error codes of `changeUsername`.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum ChangeUsernameErrorCode {
    /// The field is empty.
    Required,
    /// The username is not valid. The message says why.
    UsernameInvalid,
    /// Another user has this username.
    UsernameTaken,
    /// The last password check is too old. Call `reauthenticate` first.
    ReauthenticationRequired,
    /// Too many attempts. Wait `retryAfter` seconds.
    Throttled,
}

user_error!(
    ChangeUsernameUserError,
    ChangeUsernameErrorCode,
    ChangeUsernamePayload
);

#[Object]
impl ChangeUsername {
    /// Changes the signed-in user's username. The id and the sessions stay. Requires a recent password check.
    async fn change_username(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The form's values.")] input: ChangeUsernameInput,
    ) -> Result<ChangeUsernamePayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let authenticated = context.required().await?;
        let caller = context.caller();
        let changed = context
            .auth
            .change_username(authenticated, &input.username, &caller);
        payload(changed.await, |user| ChangeUsernamePayload {
            user: Some(User(user)),
            ..Default::default()
        })
    }
}

impl From<ChangeUsernameRefusal> for UserErrorContent<ChangeUsernameErrorCode> {
    fn from(refusal: ChangeUsernameRefusal) -> Self {
        use ChangeUsernameErrorCode as Code;
        match refusal {
            ChangeUsernameRefusal::UsernameRequired => {
                Self::at("username", Code::Required, "Username required")
            }
            ChangeUsernameRefusal::UsernameInvalid(error) => {
                Self::at("username", Code::UsernameInvalid, error.to_string())
            }
            ChangeUsernameRefusal::UsernameTaken => {
                Self::at("username", Code::UsernameTaken, "Username already taken")
            }
            ChangeUsernameRefusal::ReauthenticationRequired => {
                Self::reauthentication_required(Code::ReauthenticationRequired)
            }
            ChangeUsernameRefusal::Throttled(throttled) => {
                Self::throttled(Code::Throttled, throttled)
            }
        }
    }
}
