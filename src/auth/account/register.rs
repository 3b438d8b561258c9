//! Register: creates a user and signs them in.

use std::{net::IpAddr, sync::Arc};

use secrecy::{ExposeSecret, SecretString};

use tokio::sync::oneshot;
use tracing::{Instrument, Span};

use crate::{
    auth::{
        Auth, Error, Failure, Refusal, SignIn,
        caller::Caller,
        throttle::{
            device::Account,
            reservation::{Reservation, Throttled},
        },
    },
    config::feature::Registration,
    domain::{
        id::new_id,
        password::{Password, PasswordError},
        role::Roles,
        security_event::EventKind,
        user::User,
        username::{self, Username, UsernameError},
    },
    telemetry::metrics::AttemptEnd,
};

/// The input of a registration.
pub struct RegisterForm {
    /// The username.
    pub username: String,
    /// The password.
    pub password: SecretString,
    /// The password again.
    pub confirm_password: SecretString,
    /// Whether the session stays when the browser is closed.
    pub remember_me: bool,
}

/// Why a registration is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterRefusal {
    /// The username is empty.
    UsernameRequired,
    /// The password is empty.
    PasswordRequired,
    /// The password and its confirmation differ.
    PasswordsDoNotMatch,
    /// The username is not allowed.
    UsernameInvalid(UsernameError),
    /// Another user has the username.
    UsernameTaken,
    /// The password is not allowed.
    PasswordInvalid(PasswordError),
    /// Registration is closed.
    Closed,
    /// Too many registrations from one source.
    Throttled(Throttled),
}

impl From<Throttled> for RegisterRefusal {
    fn from(throttled: Throttled) -> Self {
        Self::Throttled(throttled)
    }
}

/// Returns the outcome of a registration for the metrics.
fn attempt_end(ended: &Result<Box<SignIn>, Error<RegisterRefusal>>) -> AttemptEnd {
    match ended {
        Ok(_) => AttemptEnd::Succeeded,
        Err(Error::Refused(refusals)) => match refusals[..] {
            [RegisterRefusal::Throttled(_)] => AttemptEnd::Throttled,
            _ => AttemptEnd::Refused,
        },
        Err(Error::Failed(_)) => AttemptEnd::Failed,
    }
}

impl Refusal for RegisterRefusal {}

impl Auth {
    /// Registers a user and opens a session. It replaces the browser's current session, if there is one.
    ///
    /// Cheap checks come first. The database decides last whether the username is free.
    pub async fn register(
        self: &Arc<Self>,
        form: RegisterForm,
        caller: &Caller<'_>,
    ) -> Result<Box<SignIn>, Error<RegisterRefusal>> {
        let ended = self.try_register(form, caller).await;
        self.metrics.registrations.count(attempt_end(&ended));
        if let Err(Error::Refused(refusals)) = &ended {
            let why: Vec<_> = refusals.iter().map(RegisterRefusal::reason).collect();
            tracing::info!(why = why.join(", "), "registration refused");
        }
        ended
    }

    async fn try_register(
        self: &Arc<Self>,
        mut form: RegisterForm,
        caller: &Caller<'_>,
    ) -> Result<Box<SignIn>, Error<RegisterRefusal>> {
        form.username = username::trim(form.username);
        if self.registration == Registration::Closed {
            return Err(RegisterRefusal::Closed.into());
        }
        let remember_me = form.remember_me;
        let (username, password) = form.validate()?;
        let too_common = RegisterRefusal::PasswordInvalid(PasswordError::TooCommon);
        if self.password_policy.is_easy_to_guess(&password, &username) {
            return Err(too_common.into());
        }

        let reserved = self.reserve_registration(caller.source).await;
        let mut reservation = reserved.map_err(Error::convert)?;
        // The attempt counts from here on, even if the client disconnects: strangers must not send unlimited requests
        // to the breached-password service.
        if self.password_policy.uses_service() {
            reservation.begin();
        }
        if self.password_policy.is_breached(&password).await {
            reservation.keep();
            return Err(too_common.into());
        }
        let hash = match self
            .hash_counted(&mut reservation, password, caller.source)
            .await
        {
            Ok(hash) => hash,
            Err(failure) => {
                // The registration did not reach the database.
                reservation.give_back().await;
                return Err(failure.into());
            }
        };
        let now = self.clock.now();
        let user = User {
            id: new_id(now, &*self.entropy)?,
            username,
            created_at: now,
            roles: Roles::default(),
            disabled_at: None,
        };

        let mut transaction = self.store.begin().await?;
        let inserted = transaction.users().insert(&user, &hash).await;
        // The registration reached the database, whether or not the username is taken.
        reservation.keep();
        inserted.map_err(|error| Error::of_insert(error, RegisterRefusal::UsernameTaken))?;
        let device = self
            .remember_device(caller.device, Account::new(user.id, 0))
            .await?;
        let sign_in = self
            .open_session(&mut transaction, user, remember_me, device, caller)
            .await?;
        self.record_event(&transaction, sign_in.user.id, EventKind::Registered, caller)
            .await?;
        transaction.commit().await?;
        tracing::info!(user = %sign_in.user.id, session = %sign_in.session.id, "registered");
        Ok(Box::new(sign_in))
    }

    /// Hashes a new user's password. A client that disconnects after hashing has begun is counted and logged.
    async fn hash_counted(
        self: &Arc<Self>,
        reservation: &mut Reservation,
        password: Password,
        source: IpAddr,
    ) -> Result<String, Failure> {
        let permit = self.hasher.acquire_worker(source).await?;
        reservation.begin();
        let (sender, receiver) = oneshot::channel();
        let auth = Arc::clone(self);
        let task = async move {
            let hash = auth
                .hasher
                .hash_with(permit, password, &*auth.entropy)
                .await;
            if sender.send(hash).is_err() {
                auth.metrics.registrations.count(AttemptEnd::Abandoned);
                tracing::info!(
                    "registration abandoned: the client disconnected while its password was hashed"
                );
            }
        };
        self.background.spawn(task.instrument(Span::current()));
        receiver.await.map_err(|_| {
            Failure::Internal("the task that hashes a password ended without a result".into())
        })?
    }
}

impl RegisterRefusal {
    /// Returns the reason for the log. It contains no input.
    fn reason(&self) -> &'static str {
        match self {
            Self::UsernameRequired => "no username",
            Self::PasswordRequired => "no password",
            Self::PasswordsDoNotMatch => "passwords do not match",
            Self::UsernameInvalid(_) => "username invalid",
            Self::UsernameTaken => "username taken",
            Self::PasswordInvalid(PasswordError::TooShort) => "password too short",
            Self::PasswordInvalid(PasswordError::TooLong) => "password too long",
            Self::PasswordInvalid(PasswordError::TooCommon) => "password too common",
            Self::Closed => "registration is closed",
            Self::Throttled(_) => "throttled",
        }
    }
}

impl RegisterForm {
    /// Checks what needs no database. Each step runs only if the previous step found no error.
    fn validate(self) -> Result<(Username, Password), Vec<RegisterRefusal>> {
        let missing: Vec<_> = [
            (self.username.is_empty(), RegisterRefusal::UsernameRequired),
            (
                self.password.expose_secret().is_empty(),
                RegisterRefusal::PasswordRequired,
            ),
        ]
        .into_iter()
        .filter_map(|(missing, refusal)| missing.then_some(refusal))
        .collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        // One user typed both in one form, so there is no secret to compare in constant time.
        if self.password.expose_secret() != self.confirm_password.expose_secret() {
            return Err(vec![RegisterRefusal::PasswordsDoNotMatch]);
        }
        match (
            Username::parse_new(&self.username),
            Password::new(self.password),
        ) {
            (Ok(username), Ok(password)) => Ok((username, password)),
            (username, password) => Err([
                username.err().map(RegisterRefusal::UsernameInvalid),
                password.err().map(RegisterRefusal::PasswordInvalid),
            ]
            .into_iter()
            .flatten()
            .collect()),
        }
    }
}
