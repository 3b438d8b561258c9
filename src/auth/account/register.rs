//! Register: a new person, who is logged in at once.

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

/// What a person typed.
pub struct RegisterForm {
    /// The name they want.
    pub username: String,
    /// The password they want.
    pub password: SecretString,
    /// The same again.
    pub confirm_password: SecretString,
    /// Whether the session outlives the browser's window.
    pub remember_me: bool,
}

/// What a person must mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterRefusal {
    /// No username was given.
    UsernameRequired,
    /// No password was given.
    PasswordRequired,
    /// The two passwords differ.
    PasswordsDoNotMatch,
    /// The username cannot be taken by anybody.
    UsernameInvalid(UsernameError),
    /// Somebody has the username.
    UsernameTaken,
    /// The password cannot be taken.
    PasswordInvalid(PasswordError),
    /// Nobody may register here.
    Closed,
    /// Too many registrations from one source.
    Throttled(Throttled),
}

impl From<Throttled> for RegisterRefusal {
    fn from(throttled: Throttled) -> Self {
        Self::Throttled(throttled)
    }
}

/// How a registration ended, for the metrics.
fn end_of(ended: &Result<Box<SignIn>, Error<RegisterRefusal>>) -> AttemptEnd {
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
    /// Registers a person and opens their session in place of the browser's present one, if any.
    ///
    /// The cheapest is checked first; whether the name is free, the database says last.
    pub async fn register(
        self: &Arc<Self>,
        form: RegisterForm,
        caller: &Caller<'_>,
    ) -> Result<Box<SignIn>, Error<RegisterRefusal>> {
        let ended = self.try_register(form, caller).await;
        self.metrics.registrations.count(end_of(&ended));
        if let Err(Error::Refused(refusals)) = &ended {
            let why: Vec<_> = refusals.iter().map(RegisterRefusal::why).collect();
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
        if self.passwords.is_easy_to_guess(&password, &username) {
            return Err(too_common.into());
        }

        let reserved = self.reserve_registration(caller.source).await;
        let mut place = reserved.map_err(Error::convert)?;
        // Counted: strangers must not ask the service that knows breached passwords without end, nor leave meanwhile.
        if self.passwords.asks_a_service() {
            place.begin();
        }
        if self.passwords.is_breached(&password).await {
            place.keep();
            return Err(too_common.into());
        }
        let hash = match self.hash_counted(&mut place, password, caller.source).await {
            Ok(hash) => hash,
            Err(failure) => {
                // It never reached the database.
                place.give_back().await;
                return Err(failure.into());
            }
        };
        let now = self.clock.now();
        let user = User {
            id: new_id(now, &*self.entropy)?,
            username: username.as_typed().to_owned(),
            created_at: now,
            roles: Roles::default(),
            disabled_at: None,
        };

        let mut transaction = self.store.begin().await?;
        let inserted = transaction.users().insert(&user, &username, &hash).await;
        // Taken or not, it reached the database.
        place.keep();
        inserted.map_err(|error| Error::of_insert(error, RegisterRefusal::UsernameTaken))?;
        let device = self
            .remember_device(caller.device, Account::new(user.id, 0))
            .await?;
        let signed_in = self
            .open_session(&mut transaction, user, remember_me, device, caller)
            .await?;
        self.note(
            &transaction,
            signed_in.user.id,
            EventKind::Registered,
            caller,
        )
        .await?;
        transaction.commit().await?;
        tracing::info!(user = %signed_in.user.id, session = %signed_in.session.id, "registered");
        Ok(Box::new(signed_in))
    }

    /// Hashes a new user's password. A client that leaves after a worker has begun is counted and logged.
    async fn hash_counted(
        self: &Arc<Self>,
        place: &mut Reservation,
        password: Password,
        source: IpAddr,
    ) -> Result<String, Failure> {
        let turn = self.hasher.turn(source).await?;
        place.begin();
        let (sender, receiver) = oneshot::channel();
        let auth = Arc::clone(self);
        let task = async move {
            let hash = auth.hasher.hash_at(turn, password, &*auth.entropy).await;
            if sender.send(hash).is_err() {
                auth.metrics.registrations.count(AttemptEnd::Abandoned);
                tracing::info!(
                    "registration abandoned: the client left while its password was hashed"
                );
            }
        };
        self.background.spawn(task.instrument(Span::current()));
        receiver
            .await
            .map_err(|_| Failure::Internal("a password's hash ended without a result".into()))?
    }
}

impl RegisterRefusal {
    /// What is wrong, for the log: never a value.
    fn why(&self) -> &'static str {
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
    /// Everything that can be said without the database; each step speaks only when the one before was silent.
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
        // Both were typed by one person in one form: there is no secret to compare in constant time.
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
