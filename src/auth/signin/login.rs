//! Login: signs a user in by username and password.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use tracing::Instrument;
use uuid::Uuid;

use super::{
    attempt_log::{Reason, Target},
    password::{PasswordRefusal, Purpose},
};
use crate::{
    auth::{Auth, Error, Failure, Refusal, SignIn, caller::Caller, throttle::device::Account},
    domain::{
        id::UserId,
        security_event::EventKind,
        username::{self, Username},
    },
    telemetry::metrics::AttemptEnd,
};

/// The input of a login.
pub struct LoginForm {
    /// The username.
    pub username: String,
    /// The password.
    pub password: SecretString,
    /// Whether the session stays when the browser is closed.
    pub remember_me: bool,
}

/// Why a login is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginRefusal {
    /// The username is empty.
    UsernameRequired,
    /// The password is empty.
    PasswordRequired,
    /// The credentials are wrong, or there were too many attempts.
    Password(PasswordRefusal),
}

/// Returns the outcome of a login for the metrics. `None` if it is counted already: a wrong password is counted where
/// it is found, because the client may have disconnected.
fn attempt_end(ended: &Result<Box<SignIn>, Error<LoginRefusal>>) -> Option<AttemptEnd> {
    Some(match ended {
        Ok(_) => AttemptEnd::Succeeded,
        Err(Error::Failed(_)) => AttemptEnd::Failed,
        Err(Error::Refused(refusals)) => match refusals[..] {
            [LoginRefusal::Password(PasswordRefusal::Throttled(_))] => AttemptEnd::Throttled,
            [LoginRefusal::Password(PasswordRefusal::InvalidCredentials)] => return None,
            _ => AttemptEnd::Refused,
        },
    })
}

impl Refusal for LoginRefusal {}

impl From<PasswordRefusal> for LoginRefusal {
    fn from(refusal: PasswordRefusal) -> Self {
        Self::Password(refusal)
    }
}

impl Auth {
    /// Checks a username and a password, and opens a session. It replaces the browser's current session, if there is
    /// one.
    ///
    /// A refused login does not change the current session.
    pub async fn login(
        self: &Arc<Self>,
        form: LoginForm,
        caller: &Caller<'_>,
    ) -> Result<Box<SignIn>, Error<LoginRefusal>> {
        let ended = self.try_login(form, caller).await;
        if let Some(end) = attempt_end(&ended) {
            self.metrics.logins.count(end);
        }
        ended
    }

    async fn try_login(
        self: &Arc<Self>,
        mut form: LoginForm,
        caller: &Caller<'_>,
    ) -> Result<Box<SignIn>, Error<LoginRefusal>> {
        form.username = username::trim(form.username);
        // The answer is the same for every username. The lookup is for the log only, so the response does not wait for
        // it.
        if let Some(missing) = form.missing() {
            let counted = self.count_empty(caller.source).await;
            if !matches!(counted, Err(Error::Failed(_))) {
                let log = Arc::clone(self).log_empty(form.username, counted.is_ok());
                self.background.spawn(log.in_current_span());
            }
            counted.map_err(|error| error.convert::<PasswordRefusal>().convert())?;
            return Err(missing.into());
        }
        let users = self.store.users();
        let stored = if let Ok(username) = Username::parse(&form.username) {
            users.find_password(&username).await?
        } else {
            // An invalid username costs a lookup too.
            users.find(UserId::from_uuid(Uuid::nil())).await?;
            None
        };
        let purpose = Purpose::Login;
        let check = self.check_password(&form.username, stored, form.password, caller, purpose);
        let verified = check.await.map_err(Error::convert)?;

        let mut transaction = self.store.begin().await?;
        // The check is worthless if the password was changed or the user was disabled since.
        let now = transaction.users().lock(verified.user.id).await?;
        let Some(now) =
            now.filter(|now| now.version == verified.version && now.user.disabled_at.is_none())
        else {
            self.metrics.logins.count(AttemptEnd::Refused);
            tracing::info!(user = %verified.user.id, "login refused: the account was changed during the login");
            return Err(LoginRefusal::Password(PasswordRefusal::InvalidCredentials).into());
        };
        let device = self
            .remember_device(caller.device, Account::of(&now))
            .await?;
        let sign_in = self
            .open_session(&mut transaction, now.user, form.remember_me, device, caller)
            .await?;
        self.record_event(&transaction, sign_in.user.id, EventKind::LoggedIn, caller)
            .await?;
        transaction.commit().await?;
        tracing::info!(user = %sign_in.user.id, session = %sign_in.session.id, "logged in");
        Ok(Box::new(sign_in))
    }

    /// Logs a login with an empty username or password.
    async fn log_empty(self: Arc<Self>, typed_name: String, counted: bool) {
        // A throttled attempt must not cost a lookup.
        let found = if typed_name.is_empty() {
            Ok(Target::Nobody)
        } else if counted {
            self.find_target(&typed_name).await
        } else {
            self.target(&typed_name, None).await
        };
        let target = match found {
            Ok(target) => target,
            Err(error) => {
                tracing::warn!(%error, "the account of a login with an empty field could not be found");
                Target::Nobody
            }
        };
        if counted {
            Purpose::Login.log_refused(&target, Reason::EmptyField);
        } else {
            Purpose::Login.log_throttled(&target);
        }
    }

    async fn find_target(&self, typed_name: &str) -> Result<Target, Failure> {
        let stored = match Username::parse(typed_name) {
            Ok(username) => self.store.users().find_password(&username).await?,
            Err(_) => None,
        };
        self.target(typed_name, stored.as_ref()).await
    }
}

impl LoginForm {
    /// Returns the empty fields, if there are any.
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
