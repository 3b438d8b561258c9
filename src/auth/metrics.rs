//! What is counted for those who run this. No count tells of one person: there are no names and no addresses in it.

use metrics::{Counter, counter, describe_counter};

use super::{
    Failure, Outcome, SignIn, account::register::RegisterRefusal, signin::login::LoginRefusal,
};

/// The counts.
#[derive(Clone)]
pub struct Metrics {
    logins: Ends,
    registrations: Ends,
    /// Look-ups of breached passwords that were passed over.
    pub breached_failed_open: Counter,
}

/// The ways in which a try can end.
#[derive(Clone)]
struct Ends {
    succeeded: Counter,
    refused: Counter,
    throttled: Counter,
    failed: Counter,
    abandoned: Counter,
}

impl Ends {
    fn of(name: &'static str, description: &'static str) -> Self {
        describe_counter!(name, description);
        let end = |outcome: &'static str| counter!(name, "outcome" => outcome);
        Self {
            succeeded: end("succeeded"),
            refused: end("refused"),
            throttled: end("throttled"),
            failed: end("failed"),
            abandoned: end("abandoned"),
        }
    }
}

impl Metrics {
    /// Names the counts to the recorder of this thread; all are there from the start, at zero.
    pub fn register() -> Self {
        let breached = "gatelodge_breached_lookups_failed_open_total";
        describe_counter!(
            breached,
            "Look-ups of breached passwords that could not be made and were passed over"
        );
        Self {
            logins: Ends::of("gatelodge_logins_total", "Logins by how they ended"),
            registrations: Ends::of(
                "gatelodge_registrations_total",
                "Registrations by how they ended",
            ),
            breached_failed_open: counter!(breached),
        }
    }

    /// Counts a login whose password was wrong, or no longer right when it was about to succeed.
    pub(super) fn login_refused(&self) {
        self.logins.refused.increment(1);
    }

    /// Counts a login with the right password whose client left before the answer.
    pub(super) fn login_abandoned(&self) {
        self.logins.abandoned.increment(1);
    }

    /// Counts a registration whose client left while its password was hashed.
    pub(super) fn registration_abandoned(&self) {
        self.registrations.abandoned.increment(1);
    }

    /// Counts a login, unless its password was wrong: that is counted where it is found, as the client may have left.
    pub fn login(&self, ended: &Result<Outcome<Box<SignIn>, LoginRefusal>, Failure>) {
        let ends = &self.logins;
        let count = match ended {
            Ok(Outcome::Done(_)) => &ends.succeeded,
            Ok(Outcome::Refused(refusals)) => match refusals[..] {
                [LoginRefusal::Throttled(_)] => &ends.throttled,
                [LoginRefusal::InvalidCredentials] => return,
                _ => &ends.refused,
            },
            Err(_) => &ends.failed,
        };
        count.increment(1);
    }

    /// Counts a registration.
    pub fn registration(&self, ended: &Result<Outcome<Box<SignIn>, RegisterRefusal>, Failure>) {
        let ends = &self.registrations;
        let count = match ended {
            Ok(Outcome::Done(_)) => &ends.succeeded,
            Ok(Outcome::Refused(refusals)) => match refusals[..] {
                [RegisterRefusal::Throttled(_)] => &ends.throttled,
                _ => &ends.refused,
            },
            Err(_) => &ends.failed,
        };
        count.increment(1);
    }
}
