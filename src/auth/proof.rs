//! Proving who somebody is by their password: at login, and wherever the current password is asked for.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use secrecy::SecretString;

use super::{Auth, Failure, caller::Caller, counts::Throttled, hash_queue::Asker, hasher::Verdict};
use crate::{
    domain::{password::Password, security_event::EventKind},
    store::StoredPassword,
};

/// What came of a try.
pub(super) enum Proof {
    /// It is their password.
    Right(StoredPassword),
    /// It is not, or there is nobody who has one: which of them, nobody learns (ASVS 6.3.8).
    Wrong,
    /// It was not looked at.
    Throttled(Throttled),
}

/// What a password is found to be.
enum Check {
    Right(StoredPassword),
    Wrong {
        /// How long a worker was at it.
        took: Duration,
    },
}

impl Auth {
    /// Checks a password that somebody typed for a name: the person of that name, or nobody.
    ///
    /// Every wrong one costs one hash of today's cost and one note, so that time does not tell what was wrong. The try
    /// is counted before it is made (OWASP ASVS 6.3.1), and given back when it was no failure.
    pub(super) async fn prove(
        &self,
        typed_name: &str,
        stored: Option<StoredPassword>,
        password: SecretString,
        caller: &Caller<'_>,
        refusal: EventKind,
    ) -> Result<Proof, Failure> {
        let reserved = self.reserve_login(typed_name, stored.as_ref(), caller);
        let place = match reserved.await? {
            Ok(place) => place,
            Err(throttled) => return Ok(Proof::Throttled(throttled)),
        };
        let owner = stored.as_ref().map(|stored| stored.user.id);
        match self.check(stored, password, caller, place.begun()).await {
            Ok(Check::Right(stored)) => {
                place.give_back().await;
                Ok(Proof::Right(stored))
            }
            Ok(Check::Wrong { took }) => {
                // Before the wait: who leaves in the middle of it knows enough to have tried.
                place.keep();
                self.note_refusal(owner, refusal, caller).await?;
                self.refusal_floor.wait(took).await;
                Ok(Proof::Wrong)
            }
            Err(failure) => {
                // Nothing was checked: it was no try.
                place.give_back().await;
                Err(failure)
            }
        }
    }

    /// Does the work of a try without making one: an empty field must not be the answer that comes sooner.
    pub(super) async fn pretend(
        &self,
        typed_name: &str,
        stored: Option<&StoredPassword>,
        caller: &Caller<'_>,
    ) -> Result<Result<(), Throttled>, Failure> {
        let reserved = self.reserve_login(typed_name, stored, caller);
        let place = match reserved.await? {
            Ok(place) => place,
            Err(throttled) => return Ok(Err(throttled)),
        };
        let asker = Asker::told(caller.source, place.begun());
        let worked = self.hasher.verify_decoy(asker).await;
        place.give_back().await;
        worked?;
        Ok(Ok(()))
    }

    async fn check(
        &self,
        stored: Option<StoredPassword>,
        password: SecretString,
        caller: &Caller<'_>,
        begun: Arc<AtomicBool>,
    ) -> Result<Check, Failure> {
        let asker = Asker::told(caller.source, begun);
        let enabled = stored.filter(|stored| stored.user.disabled_at.is_none());
        let (Some(stored), Some(password)) = (enabled, Password::attempt(password)) else {
            let checked = self.hasher.verify_decoy(asker).await?;
            self.refusal_floor.saw(&checked);
            let took = checked.took;
            return Ok(Check::Wrong { took });
        };
        let checked = self.hasher.verify(asker, password.clone(), &stored.hash);
        let checked = checked.await?;
        self.refusal_floor.saw(&checked);
        let Verdict::Match { stale } = checked.verdict else {
            let took = checked.took;
            return Ok(Check::Wrong { took });
        };
        if stale && let Err(error) = self.upgrade_hash(&stored, password, caller).await {
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
        caller: &Caller<'_>,
    ) -> Result<(), Failure> {
        let hash = self
            .hasher
            .hash(caller.source, password, &*self.entropy)
            .await?;
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
