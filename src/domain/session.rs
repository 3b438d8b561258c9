//! A session, and when it ends.

use chrono::TimeDelta;

use super::{
    client::Client,
    clock::Timestamp,
    id::{SessionId, UserId},
};

/// The longest time between two notes of a session's use: a write at every use would be a write per request.
const MAX_USE_STEP: TimeDelta = TimeDelta::minutes(1);
/// Notes of a session's use that fit into its idle timeout: a session in use loses at most a tenth of it.
const USE_STEPS: i32 = 10;

/// A remembered sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Names the session; never its token.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When its person last proved who they are.
    pub authenticated_at: Timestamp,
    /// When it was last used, exact to [`SessionPolicy::use_step`].
    pub last_seen_at: Timestamp,
    /// Its absolute end, whatever use is made of it (ASVS 7.3.2).
    pub absolute_end: Timestamp,
    /// Whether it outlives the browser's window ("remember me").
    pub persistent: bool,
    /// Who opened it.
    pub client: Client,
}

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub struct SessionPolicy {
    /// From the last use to the idle end (ASVS 7.3.1).
    pub idle: TimeDelta,
    /// The same for a session that ends with its browser.
    pub idle_short: TimeDelta,
    /// From the opening to the absolute end (ASVS 7.3.2).
    pub lifetime: TimeDelta,
    /// How long a proof of who somebody is counts as recent (ASVS 7.5.1).
    pub recent: TimeDelta,
    /// Sessions of one person; the oldest goes.
    pub most: u64,
}

/// The moments that part ended sessions from live ones.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// An absolute end by then is past.
    pub now: Timestamp,
    /// A last use by then is too long ago.
    pub idle_since: Timestamp,
    /// The same for sessions that end with their browser.
    pub idle_short_since: Timestamp,
}

impl SessionPolicy {
    /// Which sessions have ended, for the database to judge many at once.
    pub fn ends(&self, now: Timestamp) -> Ends {
        Ends {
            now,
            idle_since: now - self.idle,
            idle_short_since: now - self.idle_short,
        }
    }

    /// When the session ends if it is not used again: the earlier of its two ends.
    pub fn expires_at(&self, session: &Session) -> Timestamp {
        session
            .absolute_end
            .min(session.last_seen_at + self.idle_of(session))
    }

    /// How long it lasts unused.
    fn idle_of(&self, session: &Session) -> TimeDelta {
        if session.persistent {
            self.idle
        } else {
            self.idle_short
        }
    }

    /// Returns how far apart two noted uses of a session are: a tenth of its idle timeout, at most a minute.
    pub fn use_step(&self, session: &Session) -> TimeDelta {
        (self.idle_of(session) / USE_STEPS).min(MAX_USE_STEP)
    }

    /// Whether its person proved who they are recently enough for what cannot be undone.
    pub fn is_recent(&self, session: &Session, now: Timestamp) -> bool {
        now < session.authenticated_at + self.recent
    }

    /// Whether the session has not ended; the end itself is past it.
    pub fn is_live(&self, session: &Session, now: Timestamp) -> bool {
        now < self.expires_at(session)
    }
}
