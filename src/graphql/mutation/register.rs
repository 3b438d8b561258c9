//! `register`.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};

use crate::{
    auth::register::{RegisterForm, RegisterOutcome, RegisterRefusal},
    domain::password::PasswordError,
    graphql::{
        fault::Fault,
        types::{session::Session, user::User, user_error::at},
        visitor::{CookieChange, Visitor},
    },
};

/// The field `register`.
#[derive(Default)]
pub struct Register;

/// What a person typed to register.
#[derive(InputObject)]
pub struct RegisterInput {
    /// The name they want: 1 to 150 letters, digits and punctuation characters.
    username: String,
    /// The password they want: 8 to 256 characters of any kind.
    password: String,
    /// The same password again.
    confirm_password: String,
}

/// What came of a registration.
#[derive(Default, SimpleObject)]
pub struct RegisterPayload {
    /// The new person; null when there are errors.
    user: Option<User>,
    /// Their session; null when there are errors.
    session: Option<Session>,
    /// What the person must mend first; empty when they are registered.
    user_errors: Vec<RegisterUserError>,
}

/// Something to mend before the registration succeeds.
#[derive(SimpleObject)]
pub struct RegisterUserError {
    /// What is wrong, for programs.
    pub code: RegisterErrorCode,
    /// What is wrong, for people.
    pub message: String,
    /// The path in the input of what is wrong; null when it is no single field.
    pub field: Option<Vec<String>>,
    /// Seconds until it makes sense to try again; null when waiting is no use.
    pub retry_after: Option<u32>,
}

/// What can be wrong with a registration.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
pub enum RegisterErrorCode {
    /// The field is empty.
    Required,
    /// The two passwords differ.
    PasswordsDoNotMatch,
    /// Nobody can have this username.
    UsernameInvalid,
    /// Somebody has this username.
    UsernameTaken,
    /// The password is too short.
    PasswordTooShort,
    /// The password is too long.
    PasswordTooLong,
    /// The password is among the first that an attacker tries.
    PasswordTooCommon,
    /// Nobody may register here.
    RegistrationClosed,
    /// Too many registrations; wait.
    Throttled,
}

#[Object]
impl Register {
    /// Creates a user, opens a session and sets its cookie.
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the person typed.")] input: RegisterInput,
    ) -> Result<RegisterPayload, Fault> {
        let visitor = Visitor::of(ctx)?;
        let form = RegisterForm {
            username: input.username,
            password: input.password.into(),
            confirm_password: input.confirm_password.into(),
        };
        let payload = match visitor.auth.register(form, &visitor.caller()).await? {
            RegisterOutcome::Registered(signed_in) => {
                visitor.change_cookie(CookieChange::Set(signed_in.token, signed_in.device));
                RegisterPayload {
                    user: Some(User(signed_in.user.clone())),
                    session: Some(Session::new(
                        signed_in.session,
                        signed_in.user,
                        &visitor.auth.sessions,
                    )),
                    user_errors: vec![],
                }
            }
            RegisterOutcome::Refused(refusals) => RegisterPayload {
                user_errors: refusals.into_iter().map(Into::into).collect(),
                ..Default::default()
            },
        };
        Ok(payload)
    }
}

impl From<RegisterRefusal> for RegisterUserError {
    fn from(refusal: RegisterRefusal) -> Self {
        use RegisterErrorCode as Code;
        let (code, message, field) = match refusal {
            RegisterRefusal::UsernameRequired => (
                Code::Required,
                "Username and password required".to_owned(),
                Some(at("username")),
            ),
            RegisterRefusal::PasswordRequired => (
                Code::Required,
                "Username and password required".to_owned(),
                Some(at("password")),
            ),
            RegisterRefusal::PasswordsDoNotMatch => (
                Code::PasswordsDoNotMatch,
                "Passwords don't match".to_owned(),
                Some(at("confirmPassword")),
            ),
            RegisterRefusal::UsernameInvalid(error) => (
                Code::UsernameInvalid,
                error.to_string(),
                Some(at("username")),
            ),
            RegisterRefusal::UsernameTaken => (
                Code::UsernameTaken,
                "Username already taken".to_owned(),
                Some(at("username")),
            ),
            RegisterRefusal::PasswordInvalid(error) => {
                let code = match error {
                    PasswordError::TooShort => Code::PasswordTooShort,
                    PasswordError::TooLong => Code::PasswordTooLong,
                    PasswordError::TooCommon => Code::PasswordTooCommon,
                };
                (code, error.to_string(), Some(at("password")))
            }
            RegisterRefusal::Closed => (
                Code::RegistrationClosed,
                "Registration is closed".to_owned(),
                None,
            ),
            RegisterRefusal::Throttled(_) => (
                Code::Throttled,
                "Too many registrations, try again later".to_owned(),
                None,
            ),
        };
        Self {
            retry_after: match refusal {
                RegisterRefusal::Throttled(throttled) => Some(throttled.retry_after()),
                _ => None,
            },
            code,
            message,
            field,
        }
    }
}
