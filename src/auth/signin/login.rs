//! Login: a person proves who they are by their password.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::password::{Proof, Purpose};
use crate::{
    auth::{
        Auth, Failure, Outcome, SignIn,
        caller::Caller,
        throttle::{device::Account, reservation::Throttled},
    },
    domain::{
        id::UserId,
        security_event::EventKind,
        username::{self, Username},
    },
    telemetry::metrics::AttemptEnd,
};

/// What a person typed.
pub struct LoginForm {
    /// Their name.
    pub username: String,
    /// Their password.
    pub password: SecretString,
    /// Whether the session outlives the browser's window.
    pub remember_me: bool,
}

/// What a person must mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginRefusal {
    /// No username was given.
    UsernameRequired,
    /// No password was given.
    PasswordRequired,
    /// Unknown name or wrong password: which of them, nobody learns (ASVS 6.3.8).
    InvalidCredentials,
    /// Too many tries.
    Throttled(Throttled),
}

/// How a login ended, for the metrics. None if it is counted already: a wrong password is counted where it is found,
/// because the client may have disconnected.
fn end_of(ended: &Result<Outcome<Box<SignIn>, LoginRefusal>, Failure>) -> Option<AttemptEnd> {
    Some(match ended {
        Ok(Outcome::Done(_)) => AttemptEnd::Succeeded,
        Ok(Outcome::Refused(refusals)) => match refusals[..] {
            [LoginRefusal::Throttled(_)] => AttemptEnd::Throttled,
            [LoginRefusal::InvalidCredentials] => return None,
            _ => AttemptEnd::Refused,
        },
        Err(_) => AttemptEnd::Failed,
    })
}

impl Auth {
    /// Checks a name and a password, and opens a session in place of the browser's present one, if any.
    ///
    /// A refused login leaves the present session alone.
    pub async fn login(
        self: &Arc<Self>,
        form: LoginForm,
        caller: &Caller<'_>,
    ) -> Result<Outcome<Box<SignIn>, LoginRefusal>, Failure> {
        let ended = self.try_login(form, caller).await;
        if let Some(end) = end_of(&ended) {
            self.metrics.logins.count(end);
        }
        ended
    }

    async fn try_login(
        self: &Arc<Self>,
        mut form: LoginForm,
        caller: &Caller<'_>,
    ) -> Result<Outcome<Box<SignIn>, LoginRefusal>, Failure> {
        form.username = username::trim(form.username);
        // The same for every name, which is not even looked up.
        if let Some(missing) = form.missing() {
            return Ok(match self.count_empty(caller.source).await? {
                Ok(()) => {
                    tracing::info!(why = "a field is empty", "login refused");
                    Outcome::Refused(missing)
                }
                Err(throttled) => {
                    tracing::info!("login throttled");
                    Outcome::refused(LoginRefusal::Throttled(throttled))
                }
            });
        }
        let users = self.store.users();
        let stored = if let Ok(username) = Username::parse(&form.username) {
            users.find_password(&username).await?
        } else {
            // A name that nobody can have costs a look-up, too.
            users.find(UserId::from_uuid(Uuid::nil())).await?;
            None
        };
        let purpose = Purpose::Login;
        let proof = self.prove(&form.username, stored, form.password, caller, purpose);
        let proved = match proof.await? {
            Proof::Right(stored) => stored,
            Proof::Wrong => return Ok(Outcome::refused(LoginRefusal::InvalidCredentials)),
            Proof::Throttled(throttled) => {
                return Ok(Outcome::refused(LoginRefusal::Throttled(throttled)));
            }
        };

        let mut transaction = self.store.begin().await?;
        // What was proved by a password that has changed since, or by a person who has been disabled, counts no more.
        let now = transaction.users().lock(proved.user.id).await?;
        let Some(now) =
            now.filter(|now| now.version == proved.version && now.user.disabled_at.is_none())
        else {
            self.metrics.logins.count(AttemptEnd::Refused);
            tracing::info!(user = %proved.user.id, "login refused: overtaken by a change");
            return Ok(Outcome::refused(LoginRefusal::InvalidCredentials));
        };
        let device = self
            .remember_device(caller.device, Account::of(&now))
            .await?;
        let signed_in = self
            .open_session(&mut transaction, now.user, form.remember_me, device, caller)
            .await?;
        self.note(&transaction, signed_in.user.id, EventKind::LoggedIn, caller)
            .await?;
        transaction.commit().await?;
        tracing::info!(user = %signed_in.user.id, session = %signed_in.session.id, "logged in");
        Ok(Outcome::Done(Box::new(signed_in)))
    }
}

impl LoginForm {
    /// The fields that are empty, if any is.
    fn missing(&self) -> Option<Vec<LoginRefusal>> {
        let username = self.username.is_empty();
        let password = self.password.expose_secret().is_empty();
        let missing: Vec<_> = [
            username.then_some(LoginRefusal::UsernameRequired),
            password.then_some(LoginRefusal::PasswordRequired),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!missing.is_empty()).then_some(missing)
    }
}
