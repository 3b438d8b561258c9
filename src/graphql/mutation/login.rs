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

/// What a person typed to log in.
#[derive(InputObject)]
pub struct LoginInput {
    /// Their name, in any spelling that is equal to it.
    username: String,
    /// Their password, exactly.
    password: String,
    /// Whether they stay logged in when the browser is closed; without, the session also ends sooner when unused.
    #[graphql(default = true)]
    remember_me: bool,
}

/// What came of a login.
#[derive(Default, SimpleObject)]
pub struct LoginPayload {
    /// Who logged in; null when there are errors.
    user: Option<User>,
    /// Their session; null when there are errors.
    session: Option<Session>,
    /// What the person must mend first; empty when they are logged in.
    user_errors: Vec<LoginUserError>,
}

/// What can be wrong with a login.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum LoginErrorCode {
    /// The field is empty.
    Required,
    /// Unknown name or wrong password; which of them is not told.
    InvalidCredentials,
    /// Too many tries; wait.
    Throttled,
}

user_error!(LoginUserError, LoginErrorCode, LoginPayload);

#[Object]
impl Login {
    /// Opens a session and sets its cookie.
    async fn login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the person typed.")] input: LoginInput,
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
