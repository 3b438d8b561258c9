//! `login`.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};

use crate::{
    auth::signin::{
        login::{LoginForm, LoginRefusal},
        password::PasswordRefusal,
    },
    graphql::{
        context::RequestContext,
        error::ResolverError,
        types::{
            session::Session,
            user::User,
            user_error::{UserErrorContent, payload, user_error},
        },
    },
};

/// The field `login`.
#[derive(Default)]
pub struct Login;

/// Input of `login`.
#[derive(InputObject)]
pub struct LoginInput {
    /// The username. Upper and lower case are the same.
    username: String,
    /// The password.
    password: String,
    /// Whether the session survives closing the browser. If false, it also has a shorter idle timeout.
    #[graphql(default = true)]
    remember_me: bool,
}

/// Payload of `login`.
#[derive(Default, SimpleObject)]
pub struct LoginPayload {
    /// The user who logged in. Null when there are errors.
    user: Option<User>,
    /// The new session. Null when there are errors.
    session: Option<Session>,
    /// What the user must correct first. Empty on success.
    user_errors: Vec<LoginUserError>,
}

/// Error codes of `login`.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum LoginErrorCode {
    /// The field is empty.
    Required,
    /// The username is unknown or the password is wrong. The error does not say which.
    InvalidCredentials,
    /// Too many attempts. Wait `retryAfter` seconds.
    Throttled,
}

user_error!(LoginUserError, LoginErrorCode, LoginPayload);

#[Object]
impl Login {
    /// Logs a user in: opens a session and sets its cookie.
    async fn login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The form's values.")] input: LoginInput,
    ) -> Result<LoginPayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let form = LoginForm {
            username: input.username,
            password: input.password.into(),
            remember_me: input.remember_me,
        };
        payload(
            context.auth.login(form, &context.caller()).await,
            |signed_in| {
                let (user, session) = context.signed_in(*signed_in);
                LoginPayload {
                    user: Some(user),
                    session: Some(session),
                    ..Default::default()
                }
            },
        )
    }
}

impl From<LoginRefusal> for UserErrorContent<LoginErrorCode> {
    fn from(refusal: LoginRefusal) -> Self {
        use LoginErrorCode as Code;
        const REQUIRED: &str = "Username and password required";
        match refusal {
            LoginRefusal::UsernameRequired => Self::at("username", Code::Required, REQUIRED),
            LoginRefusal::PasswordRequired => Self::at("password", Code::Required, REQUIRED),
            LoginRefusal::Password(PasswordRefusal::InvalidCredentials) => Self::new(
                Code::InvalidCredentials,
                "Username and/or password incorrect",
            ),
            LoginRefusal::Password(PasswordRefusal::Throttled(throttled)) => {
                Self::throttled(Code::Throttled, throttled)
            }
        }
    }
}
