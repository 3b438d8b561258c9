//! A session and its timeouts.

use chrono::TimeDelta;

use super::{
    client::Client,
    clock::Timestamp,
    id::{SessionId, UserId},
};

/// Maximum time between two recorded uses of a session. Recording every use would cause a write for each request.
const MAX_USE_STEP: TimeDelta = TimeDelta::minutes(1);
/// Number of recorded uses within the idle timeout, so that a session in use loses at most a tenth of the timeout.
const USE_STEPS: i32 = 10;

/// A user's session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The session's id. It is not its token.
    pub id: SessionId,
    /// The session's user.
    pub user_id: UserId,
    /// The time of the login.
    pub created_at: Timestamp,
    /// The time of the last password check.
    pub authenticated_at: Timestamp,
    /// The time of the last use, with the precision of [`SessionPolicy::use_step`].
    pub last_seen_at: Timestamp,
    /// The absolute timeout, which use does not extend (ASVS 7.3.2).
    pub absolute_end: Timestamp,
    /// Whether the session outlives the browser window ("remember me").
    pub persistent: bool,
    /// The client that logged in.
    pub client: Client,
}

/// The timeouts and the maximum number of sessions.
#[derive(Clone, Copy, Debug)]
pub struct SessionPolicy {
    /// The idle timeout (ASVS 7.3.1).
    pub idle: TimeDelta,
    /// The idle timeout of a session that ends with its browser.
    pub idle_short: TimeDelta,
    /// The absolute timeout (ASVS 7.3.2).
    pub lifetime: TimeDelta,
    /// How long a password check counts as recent (ASVS 7.5.1).
    pub recent: TimeDelta,
    /// Maximum sessions of one user. A further login ends the oldest.
    pub max_sessions: u64,
}

/// The times that separate ended sessions from live ones.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// A session with an absolute timeout at or before this time has ended.
    pub now: Timestamp,
    /// A session that was last used at or before this time has ended.
    pub idle_since: Timestamp,
    /// The same time for sessions that end with their browser.
    pub idle_short_since: Timestamp,
}

impl SessionPolicy {
    /// Returns the times by which a database query finds ended sessions.
    pub fn ends(&self, now: Timestamp) -> Ends {
        Ends {
            now,
            idle_since: now - self.idle,
            idle_short_since: now - self.idle_short,
        }
    }

    /// Returns when the session ends if it is not used again: the earlier of its two timeouts.
    pub fn expires_at(&self, session: &Session) -> Timestamp {
        session
            .absolute_end
            .min(session.last_seen_at + self.idle_of(session))
    }

    /// Returns the session's idle timeout.
    fn idle_of(&self, session: &Session) -> TimeDelta {
        if session.persistent {
            self.idle
        } else {
            self.idle_short
        }
    }

    /// Returns the time between two recorded uses of a session: a tenth of its idle timeout, at most a minute.
    pub fn use_step(&self, session: &Session) -> TimeDelta {
        (self.idle_of(session) / USE_STEPS).min(MAX_USE_STEP)
    }

    /// Returns whether the last password check is recent enough for sensitive operations.
    pub fn is_recent(&self, session: &Session, now: Timestamp) -> bool {
        now < session.authenticated_at + self.recent
    }

    /// Returns whether the session has not ended. At the exact time of its end it has ended.
    pub fn is_live(&self, session: &Session, now: Timestamp) -> bool {
        now < self.expires_at(session)
    }
}
