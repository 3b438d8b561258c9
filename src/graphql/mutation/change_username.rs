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

/// What a person typed to change their name.
#[derive(InputObject)]
pub struct ChangeUsernameInput {
    /// The name they want: 1 to 150 letters, digits and punctuation characters.
    username: String,
}

/// What came of it.
#[derive(Default, SimpleObject)]
pub struct ChangeUsernamePayload {
    /// Whose name was changed; null when there are errors.
    user: Option<User>,
    /// What the person must mend first; empty when the name is changed.
    user_errors: Vec<ChangeUsernameUserError>,
}

/// What can be wrong with a change of the name.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum ChangeUsernameErrorCode {
    /// The field is empty.
    Required,
    /// Nobody can have this username.
    UsernameInvalid,
    /// Somebody has this username.
    UsernameTaken,
    /// Too long ago that they proved who they are: `reauthenticate` first.
    ReauthenticationRequired,
    /// Too many names tried; wait.
    Throttled,
}

user_error!(
    ChangeUsernameUserError,
    ChangeUsernameErrorCode,
    ChangeUsernamePayload
);

#[Object]
impl ChangeUsername {
    /// Gives the signed-in person another name; id and sessions stay. Needs a recent proof of who they are.
    async fn change_username(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the person typed.")] input: ChangeUsernameInput,
    ) -> Result<ChangeUsernamePayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let who = context.required().await?;
        let caller = context.caller();
        let changed = context.auth.change_username(who, &input.username, &caller);
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
