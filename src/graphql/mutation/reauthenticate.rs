//! `reauthenticate`.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};

use crate::{
    auth::signin::reauthenticate::ReauthenticateRefusal,
    graphql::{
        context::RequestContext,
        error::ResolverError,
        types::{
            session::Session,
            user_error::{UserErrorContent, payload, user_error},
        },
    },
};

/// The field `reauthenticate`.
#[derive(Default)]
pub struct Reauthenticate;

/// Input of `reauthenticate`.
#[derive(InputObject)]
pub struct ReauthenticateInput {
    /// The current password.
    password: String,
}

/// Payload of `reauthenticate`.
#[derive(Default, SimpleObject)]
pub struct ReauthenticatePayload {
    /// The session of this request, with its new `authenticatedAt`. Null when there are errors.
    session: Option<Session>,
    /// What the user must correct first. Empty on success.
    user_errors: Vec<ReauthenticateUserError>,
}

/// Error codes of `reauthenticate`.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum ReauthenticateErrorCode {
    /// The field is empty.
    Required,
    /// The password is wrong.
    InvalidCredentials,
    /// Too many attempts. Wait `retryAfter` seconds.
    Throttled,
}

user_error!(
    ReauthenticateUserError,
    ReauthenticateErrorCode,
    ReauthenticatePayload
);

#[Object]
impl Reauthenticate {
    /// Checks the signed-in user's password again and renews the cookie. Mutations that returned `REAUTHENTICATION_REQUIRED` then succeed.
    async fn reauthenticate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The form's values.")] input: ReauthenticateInput,
    ) -> Result<ReauthenticatePayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let authenticated = context.required().await?;
        let password = input.password.into();
        let caller = context.caller();
        payload(
            context
                .auth
                .reauthenticate(authenticated, password, &caller)
                .await,
            |signed_in| ReauthenticatePayload {
                session: Some(context.signed_in(*signed_in).1),
                ..Default::default()
            },
        )
    }
}

impl From<ReauthenticateRefusal> for UserErrorContent<ReauthenticateErrorCode> {
    fn from(refusal: ReauthenticateRefusal) -> Self {
        use ReauthenticateErrorCode as Code;
        match refusal {
            ReauthenticateRefusal::PasswordRequired => {
                Self::at("password", Code::Required, "Password required")
            }
            ReauthenticateRefusal::Password(refusal) => Self::password(
                refusal,
                "password",
                Code::InvalidCredentials,
                Code::Throttled,
            ),
        }
    }
}
