//! `register`.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};

use crate::{
    auth::account::register::{RegisterForm, RegisterRefusal},
    domain::password::PasswordError,
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

/// The field `register`.
#[derive(Default)]
pub struct Register;

/// Input of `register`.
#[derive(InputObject)]
pub struct RegisterInput {
    /// The username: 1 to 150 letters, digits and punctuation characters.
    username: String,
    /// The password: 8 to 256 characters of any kind.
    password: String,
    /// The password a second time.
    confirm_password: String,
    /// Whether the session survives closing the browser. If false, it also has a shorter idle timeout.
    #[graphql(default = true)]
    remember_me: bool,
}

/// Payload of `register`.
#[derive(Default, SimpleObject)]
pub struct RegisterPayload {
    /// The new user. Null when there are errors.
    user: Option<User>,
    /// The new user's session. Null when there are errors.
    session: Option<Session>,
    /// What the user must correct first. Empty on success.
    user_errors: Vec<RegisterUserError>,
}

/// Error codes of `register`.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum RegisterErrorCode {
    /// The field is empty.
    Required,
    /// `password` and `confirmPassword` differ.
    PasswordsDoNotMatch,
    /// The username is not valid. The message says why.
    UsernameInvalid,
    /// Another user has this username.
    UsernameTaken,
    /// The password is too short.
    PasswordTooShort,
    /// The password is too long.
    PasswordTooLong,
    /// The password is easy to guess, for example a common or breached one.
    PasswordTooCommon,
    /// Registration is closed on this server.
    RegistrationClosed,
    /// Too many registrations. Wait `retryAfter` seconds.
    Throttled,
}

user_error!(RegisterUserError, RegisterErrorCode, RegisterPayload);

#[Object]
impl Register {
    /// Creates a user, opens a session and sets its cookie.
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The form's values.")] input: RegisterInput,
    ) -> Result<RegisterPayload, ResolverError> {
        let context = RequestContext::of(ctx)?;
        let form = RegisterForm {
            username: input.username,
            password: input.password.into(),
            confirm_password: input.confirm_password.into(),
            remember_me: input.remember_me,
        };
        payload(
            context.auth.register(form, &context.caller()).await,
            |signed_in| {
                let (user, session) = context.signed_in(*signed_in);
                RegisterPayload {
                    user: Some(user),
                    session: Some(session),
                    ..Default::default()
                }
            },
        )
    }
}

impl From<RegisterRefusal> for UserErrorContent<RegisterErrorCode> {
    fn from(refusal: RegisterRefusal) -> Self {
        use RegisterErrorCode as Code;
        const REQUIRED: &str = "Username and password required";
        match refusal {
            RegisterRefusal::UsernameRequired => Self::at("username", Code::Required, REQUIRED),
            RegisterRefusal::PasswordRequired => Self::at("password", Code::Required, REQUIRED),
            RegisterRefusal::PasswordsDoNotMatch => Self::at(
                "confirmPassword",
                Code::PasswordsDoNotMatch,
                "Passwords don't match",
            ),
            RegisterRefusal::UsernameInvalid(error) => {
                Self::at("username", Code::UsernameInvalid, error.to_string())
            }
            RegisterRefusal::UsernameTaken => {
                Self::at("username", Code::UsernameTaken, "Username already taken")
            }
            RegisterRefusal::PasswordInvalid(error) => {
                let code = match error {
                    PasswordError::TooShort => Code::PasswordTooShort,
                    PasswordError::TooLong => Code::PasswordTooLong,
                    PasswordError::TooCommon => Code::PasswordTooCommon,
                };
                Self::at("password", code, error.to_string())
            }
            RegisterRefusal::Closed => {
                Self::new(Code::RegistrationClosed, "Registration is closed")
            }
            RegisterRefusal::Throttled(throttled) => Self {
                message: "Too many registrations, try again later".to_owned(),
                ..Self::throttled(Code::Throttled, throttled)
            },
        }
    }
}
