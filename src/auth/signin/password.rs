//! Proving who somebody is by their password: at login, and wherever the current password is asked for.
//!
//! An attempt waits for its turn as part of the request: a client that leaves the queue has made no attempt. Once a
//! worker begins, the attempt runs in a task of its own. It is counted, noted and logged whether or not the client stays
//! for the answer, so that no guess goes unseen.

use std::{net::IpAddr, sync::Arc, time::Duration};

use secrecy::SecretString;
use tokio::sync::oneshot;
use tracing::{Instrument, Span, field};

use super::attempt_log::{Reason, Target};
use crate::{
    auth::{
        Auth, Error, Failure, Refusal,
        caller::Caller,
        password::{fair_queue::Turn, hasher::Verification},
        throttle::reservation::{AttemptKind, Reservation, Throttled},
    },
    domain::{client::Client, id::UserId, password::Password, security_event::EventKind},
    store::StoredPassword,
    telemetry::metrics::AttemptEnd,
};

/// Why a password was refused.
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

/// What a password is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Login,
    Reauthentication,
    PasswordChange,
    Deletion,
}

/// An attempt whose turn has come.
struct Attempt {
    target: Target,
    stored: Option<StoredPassword>,
    password: SecretString,
    source: IpAddr,
    client: Client,
    purpose: Purpose,
    reservation: Reservation,
}

/// What a password is found to be.
enum Check {
    Right(StoredPassword),
    Wrong {
        /// Why, for the log alone.
        why: Reason,
        /// How long a worker needed for it.
        took: Duration,
    },
}

impl Auth {
    /// Checks a password that somebody typed for a name: that of a user, or of nobody.
    ///
    /// Every wrong one costs one hash of today's cost and one event, so that time does not reveal what was wrong. The
    /// attempt is counted before it is made (OWASP ASVS 6.3.1), and given back when it was no failure.
    pub(crate) async fn prove(
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
        let turn = match self.hasher.turn(caller.source).await {
            Ok(turn) => turn,
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
        let task = Arc::clone(self).complete(turn, attempt, sender);
        self.background.spawn(task.instrument(Span::current()));
        let check = receiver.await.map_err(|_| {
            Failure::Internal("the check of a password ended without a result".into())
        })??;
        match check {
            Check::Right(stored) => Ok(stored),
            Check::Wrong { took, .. } => {
                self.refusal_floor.wait(took).await;
                Err(PasswordRefusal::InvalidCredentials.into())
            }
        }
    }

    /// Makes an attempt to its end, whether or not its client waits for the result.
    async fn complete(
        self: Arc<Self>,
        turn: Turn,
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
        let result = match self.check(turn, stored, password, source).await {
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
                // Nothing was checked: it was no attempt.
                reservation.give_back().await;
                Err(failure)
            }
        };
        if let Err(result) = sender.send(result) {
            self.abandon(owner, purpose, result);
        }
        // After the answer: that a user's history is full must not show in the time of a refusal.
        if let Some(owner) = refused
            && let Err(error) = self.trim_events(owner).await
        {
            tracing::warn!(user = %owner, %error, "security events above the limit could not be deleted");
        }
    }

    /// Notes and counts a wrong password.
    async fn refuse(
        &self,
        owner: Option<UserId>,
        client: Client,
        purpose: Purpose,
    ) -> Result<(), Failure> {
        self.note_refusal(owner, purpose.refusal(), client).await?;
        if purpose == Purpose::Login {
            self.metrics.logins.count(AttemptEnd::Refused);
        }
        Ok(())
    }

    /// Logs an attempt that nobody waits for any more, unless it was refused: then it is logged already.
    fn abandon(&self, owner: Option<UserId>, purpose: Purpose, result: Result<Check, Failure>) {
        let name = purpose.name();
        match (result, owner) {
            (Ok(Check::Right(_)), Some(user)) => {
                if purpose == Purpose::Login {
                    self.metrics.logins.count(AttemptEnd::Abandoned);
                }
                tracing::info!(%user, "{name} abandoned: the password was right, but the client had left");
            }
            (Ok(_), _) => {}
            (Err(error), _) => tracing::warn!(%error, "{name} failed after the client had left"),
        }
    }

    async fn check(
        &self,
        turn: Turn,
        stored: Option<StoredPassword>,
        password: SecretString,
        source: IpAddr,
    ) -> Result<Check, Failure> {
        let reason = Reason::of(stored.as_ref());
        let enabled = stored.filter(|stored| stored.user.disabled_at.is_none());
        let (Some(stored), Some(password)) = (enabled, Password::attempt(password)) else {
            let checked = self.hasher.verify_decoy(turn).await?;
            let why = reason.unwrap_or(Reason::WrongPassword);
            let took = checked.took;
            return Ok(Check::Wrong { why, took });
        };
        let checked = self.hasher.verify(turn, password.clone(), &stored.hash);
        let checked = checked.await?;
        let Verification::Match { stale } = checked.verdict else {
            let why = match checked.verdict {
                Verification::NoPepper => Reason::NoPepper,
                _ => reason.unwrap_or(Reason::WrongPassword),
            };
            let took = checked.took;
            return Ok(Check::Wrong { why, took });
        };
        if stale && let Err(error) = self.upgrade_hash(&stored, password, source).await {
            // The password is right all the same; the next login tries again.
            tracing::warn!(user = %stored.user.id, %error, "a password hash could not be brought to today's cost");
        }
        Ok(Check::Right(stored))
    }

    /// Makes a hash of another cost anew, now that the password is at hand.
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
            // If it was another system's.
            self.store
                .foreign_hashes_mut()
                .delete(stored.user.id)
                .await?;
        }
        tracing::info!(user = %stored.user.id, replaced, "password hash brought to today's cost");
        Ok(())
    }
}

impl Purpose {
    /// Returns the event that a wrong password is noted as.
    fn refusal(self) -> EventKind {
        match self {
            Self::Login => EventKind::LoginRefused,
            Self::Reauthentication | Self::PasswordChange | Self::Deletion => {
                EventKind::PasswordRefused
            }
        }
    }

    /// Logs an attempt that was refused.
    pub(super) fn log_refused(self, target: &Target, why: Reason) {
        tracing::info!(
            user = target.user().map(field::display),
            name_hash = target.name_hash(),
            why = why.as_str(),
            "{} refused",
            self.name()
        );
    }

    /// Logs an attempt that was not looked at.
    pub(super) fn log_throttled(self, target: &Target) {
        tracing::info!(
            user = target.user().map(field::display),
            name_hash = target.name_hash(),
            "{} throttled",
            self.name()
        );
    }

    /// Returns the name in the log.
    fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Reauthentication => "reauthentication",
            Self::PasswordChange => "password change",
            Self::Deletion => "deletion",
        }
    }
}
