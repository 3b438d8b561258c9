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

/// What a person typed to prove anew who they are.
#[derive(InputObject)]
pub struct ReauthenticateInput {
    /// Their password, exactly.
    password: String,
}

/// What came of it.
#[derive(Default, SimpleObject)]
pub struct ReauthenticatePayload {
    /// The session of this request, with its new `authenticatedAt`; null when there are errors.
    session: Option<Session>,
    /// What the person must mend first; empty when they have proved it.
    user_errors: Vec<ReauthenticateUserError>,
}

/// What can be wrong.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum ReauthenticateErrorCode {
    /// The field is empty.
    Required,
    /// It is another password.
    InvalidCredentials,
    /// Too many tries; wait.
    Throttled,
}

user_error!(
    ReauthenticateUserError,
    ReauthenticateErrorCode,
    ReauthenticatePayload
);

#[Object]
impl Reauthenticate {
    /// Proves anew who is signed in: what answered `REAUTHENTICATION_REQUIRED` may be done now. Renews the cookie.
    async fn reauthenticate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the person typed.")] input: ReauthenticateInput,
    ) -> Result<ReauthenticatePayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let who = context.required().await?;
        let password = input.password.into();
        let caller = context.caller();
        payload(
            context.auth.reauthenticate(who, password, &caller).await,
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
