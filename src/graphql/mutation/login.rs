//! `login`.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};

use crate::{
    auth::login::{LoginForm, LoginOutcome, LoginRefusal},
    graphql::{
        fault::Fault,
        types::{session::Session, user::User, user_error::at},
        visitor::{CookieChange, Visitor},
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
}

/// What came of a login.
#[derive(Default, SimpleObject)]
pub struct LoginPayload {
    /// The person; null when there are errors.
    user: Option<User>,
    /// Their session; null when there are errors.
    session: Option<Session>,
    /// What the person must mend first; empty when they are logged in.
    user_errors: Vec<LoginUserError>,
}

/// Something to mend before the login succeeds.
#[derive(SimpleObject)]
pub struct LoginUserError {
    /// What is wrong, for programs.
    pub code: LoginErrorCode,
    /// What is wrong, for people.
    pub message: String,
    /// The path in the input of what is wrong; null when it is no single field.
    pub field: Option<Vec<String>>,
    /// Seconds until it makes sense to try again; null when waiting is no use.
    pub retry_after: Option<u32>,
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

#[Object]
impl Login {
    /// Opens a session and sets its cookie.
    async fn login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the person typed.")] input: LoginInput,
    ) -> Result<LoginPayload, Fault> {
        let visitor = Visitor::of(ctx)?;
        let form = LoginForm {
            username: input.username,
            password: input.password.into(),
        };
        let payload = match visitor.auth.login(form, &visitor.caller()).await? {
            LoginOutcome::LoggedIn(signed_in) => {
                visitor.change_cookie(CookieChange::Set(signed_in.token, signed_in.device));
                LoginPayload {
                    user: Some(User(signed_in.user.clone())),
                    session: Some(Session::new(
                        signed_in.session,
                        signed_in.user,
                        &visitor.auth.sessions,
                    )),
                    user_errors: vec![],
                }
            }
            LoginOutcome::Refused(refusals) => LoginPayload {
                user_errors: refusals.into_iter().map(Into::into).collect(),
                ..Default::default()
            },
        };
        Ok(payload)
    }
}

impl From<LoginRefusal> for LoginUserError {
    fn from(refusal: LoginRefusal) -> Self {
        use LoginErrorCode as Code;
        let (code, message, field) = match refusal {
            LoginRefusal::UsernameRequired => (
                Code::Required,
                "Username and password required",
                Some(at("username")),
            ),
            LoginRefusal::PasswordRequired => (
                Code::Required,
                "Username and password required",
                Some(at("password")),
            ),
            LoginRefusal::InvalidCredentials => (
                Code::InvalidCredentials,
                "Username and/or password incorrect",
                None,
            ),
            LoginRefusal::Throttled(_) => {
                (Code::Throttled, "Too many tries, try again later", None)
            }
        };
        Self {
            retry_after: match refusal {
                LoginRefusal::Throttled(throttled) => Some(throttled.retry_after()),
                _ => None,
            },
            code,
            message: message.to_owned(),
            field,
        }
    }
}
