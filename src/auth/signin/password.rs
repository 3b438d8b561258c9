//! Password checks: at login, and wherever the current password is required.
//!
//! An attempt waits in the queue as part of the request: a client that disconnects there has made no attempt. Once a
//! worker begins, the attempt runs in its own task. It is counted, recorded and logged even if the client disconnects,
//! so that every guess is visible.

use std::{net::IpAddr, sync::Arc, time::Duration};

use secrecy::SecretString;
use tokio::sync::oneshot;
use tracing::{Instrument, Span, field};

use super::attempt_log::{Reason, Target};
use crate::{
    auth::{
        Auth, Error, Failure, Refusal,
        caller::Caller,
        password::{fair_queue::WorkerPermit, hasher::Verification},
        throttle::reservation::{AttemptKind, Reservation, Throttled},
    },
    domain::{client::Client, id::UserId, password::Password, security_event::EventKind},
    store::StoredPassword,
    telemetry::metrics::AttemptEnd,
};

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordRefusal {
    /// The password is wrong, or no user has this name. The client must not learn which (ASVS 6.3.8).
    InvalidCredentials,
    /// Too many attempts. The password was not checked.
    Throttled(Throttled),
}

impl Refusal for PasswordRefusal {}

impl From<Throttled> for PasswordRefusal {
    fn from(throttled: Throttled) -> Self {
        Self::Throttled(throttled)
    }
}

/// The operation that a password is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Login,
    Reauthentication,
    PasswordChange,
    Deletion,
}

/// An attempt that has a worker.
struct Attempt {
    target: Target,
    stored: Option<StoredPassword>,
    password: SecretString,
    source: IpAddr,
    client: Client,
    purpose: Purpose,
    reservation: Reservation,
}

/// The result of a password check.
enum Check {
    Right(StoredPassword),
    Wrong {
        /// The reason, for the log only.
        why: Reason,
        /// How long a worker needed.
        took: Duration,
    },
}

impl Auth {
    /// Checks a password for a username that may be unknown.
    ///
    /// Every wrong password costs one hash of the current cost and one event, so that time does not reveal what was
    /// wrong. The attempt is counted before the check (OWASP ASVS 6.3.1). The count is given back if the attempt did
    /// not fail.
    pub(crate) async fn check_password(
        self: &Arc<Self>,
        typed_name: &str,
        stored: Option<StoredPassword>,
        password: SecretString,
        caller: &Caller<'_>,
        purpose: Purpose,
    ) -> Result<StoredPassword, Error<PasswordRefusal>> {
        let target = self.target(typed_name, stored.as_ref()).await?;
        let reserved = self.reserve_login(typed_name, stored.as_ref(), caller);
        let reserved = reserved.await.inspect_err(|error| {
            if matches!(error, Error::Refused(_)) {
                purpose.log_throttled(&target);
            }
        });
        let mut reservation = reserved.map_err(Error::convert)?;
        let permit = match self.hasher.acquire_worker(caller.source).await {
            Ok(permit) => permit,
            Err(failure) => {
                reservation.give_back().await;
                return Err(failure.into());
            }
        };
        reservation.begin();
        let attempt = Attempt {
            target,
            stored,
            password,
            source: caller.source,
            client: caller.client(),
            purpose,
            reservation,
        };
        let (sender, receiver) = oneshot::channel();
        let task = Arc::clone(self).complete(permit, attempt, sender);
        self.background.spawn(task.instrument(Span::current()));
        let check = receiver.await.map_err(|_| {
            Failure::Internal("the task that checks a password ended without a result".into())
        })??;
        match check {
            Check::Right(stored) => Ok(stored),
            Check::Wrong { took, .. } => {
                self.refusal_floor.wait(took).await;
                Err(PasswordRefusal::InvalidCredentials.into())
            }
        }
    }

    /// Completes an attempt, whether or not its client waits for the result.
    async fn complete(
        self: Arc<Self>,
        permit: WorkerPermit,
        attempt: Attempt,
        sender: oneshot::Sender<Result<Check, Failure>>,
    ) {
        let Attempt {
            target,
            stored,
            password,
            source,
            client,
            purpose,
            reservation,
        } = attempt;
        let owner = stored.as_ref().map(|stored| stored.user.id);
        let mut refused = None;
        let result = match self.check(permit, stored, password, source).await {
            Ok(Check::Right(stored)) => {
                reservation.settle(AttemptKind::Successes).await;
                Ok(Check::Right(stored))
            }
            Ok(wrong @ Check::Wrong { why, .. }) => {
                reservation.settle(AttemptKind::Failures).await;
                refused = owner;
                purpose.log_refused(&target, why);
                self.refuse(owner, client, purpose).await.map(|()| wrong)
            }
            Err(failure) => {
                // No password was checked, so it was no attempt.
                reservation.give_back().await;
                Err(failure)
            }
        };
        if let Err(result) = sender.send(result) {
            self.abandon(owner, purpose, result);
        }
        // After the answer: the time of a refusal must not reveal that a user has many events.
        if let Some(owner) = refused
            && let Err(error) = self.trim_events(owner).await
        {
            tracing::warn!(user = %owner, %error, "security events above the limit could not be deleted");
        }
    }

    /// Records and counts a wrong password.
    async fn refuse(
        &self,
        owner: Option<UserId>,
        client: Client,
        purpose: Purpose,
    ) -> Result<(), Failure> {
        self.record_refusal(owner, purpose.refusal(), client)
            .await?;
        if purpose == Purpose::Login {
            self.metrics.logins.count(AttemptEnd::Refused);
        }
        Ok(())
    }

    /// Logs an attempt whose client has disconnected. A refused attempt is logged already.
    fn abandon(&self, owner: Option<UserId>, purpose: Purpose, result: Result<Check, Failure>) {
        let name = purpose.name();
        match (result, owner) {
            (Ok(Check::Right(_)), Some(user)) => {
                if purpose == Purpose::Login {
                    self.metrics.logins.count(AttemptEnd::Abandoned);
                }
                tracing::info!(%user, "{name} abandoned: the password was right, but the client had disconnected");
            }
            (Ok(_), _) => {}
            (Err(error), _) => {
                tracing::warn!(%error, "{name} failed after the client had disconnected");
            }
        }
    }

    async fn check(
        &self,
        permit: WorkerPermit,
        stored: Option<StoredPassword>,
        password: SecretString,
        source: IpAddr,
    ) -> Result<Check, Failure> {
        let reason = Reason::of(stored.as_ref());
        let enabled = stored.filter(|stored| stored.user.disabled_at.is_none());
        let (Some(stored), Some(password)) = (enabled, Password::attempt(password)) else {
            let checked = self.hasher.verify_decoy(permit).await?;
            let why = reason.unwrap_or(Reason::WrongPassword);
            let took = checked.took;
            return Ok(Check::Wrong { why, took });
        };
        let checked = self.hasher.verify(permit, password.clone(), &stored.hash);
        let checked = checked.await?;
        let Verification::Match { needs_rehash } = checked.verification else {
            let why = match checked.verification {
                Verification::NoPepper => Reason::NoPepper,
                _ => reason.unwrap_or(Reason::WrongPassword),
            };
            let took = checked.took;
            return Ok(Check::Wrong { why, took });
        };
        if needs_rehash && let Err(error) = self.upgrade_hash(&stored, password, source).await {
            // The login succeeds anyway; the next one tries again.
            tracing::warn!(user = %stored.user.id, %error, "a password hash could not be upgraded to the current cost");
        }
        Ok(Check::Right(stored))
    }

    /// Replaces a hash of another cost, because the password is available now.
    async fn upgrade_hash(
        &self,
        stored: &StoredPassword,
        password: Password,
        source: IpAddr,
    ) -> Result<(), Failure> {
        let replace = self
            .hasher
            .replace(source, password, &stored.hash, &*self.entropy);
        let hash = replace.await?;
        let replaced = self
            .store
            .users_mut()
            .replace_hash(stored.user.id, &stored.hash, &hash)
            .await?;
        if replaced {
            // In case it was another system's hash.
            self.store
                .foreign_hashes_mut()
                .delete(stored.user.id)
                .await?;
        }
        tracing::info!(user = %stored.user.id, replaced, "password hash upgraded to the current cost");
        Ok(())
    }
}

impl Purpose {
    /// Returns the kind of event for a wrong password.
    fn refusal(self) -> EventKind {
        match self {
            Self::Login => EventKind::LoginRefused,
            Self::Reauthentication | Self::PasswordChange | Self::Deletion => {
                EventKind::PasswordRefused
            }
        }
    }

    /// Logs a refused attempt.
    pub(super) fn log_refused(self, target: &Target, why: Reason) {
        tracing::info!(
            user = target.user().map(field::display),
            name_hash = target.name_hash(),
            why = why.as_str(),
            "{} refused",
            self.name()
        );
    }

    /// Logs a throttled attempt.
    pub(super) fn log_throttled(self, target: &Target) {
        tracing::info!(
            user = target.user().map(field::display),
            name_hash = target.name_hash(),
            "{} throttled",
            self.name()
        );
    }

    /// Returns the name for the log.
    fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Reauthentication => "reauthentication",
            Self::PasswordChange => "password change",
            Self::Deletion => "deletion",
        }
    }
}
