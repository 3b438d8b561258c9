//! A session, and when it ends.

use chrono::TimeDelta;

use super::{
    clock::Instant,
    id::{SessionId, UserId},
};

/// A remembered sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Names the session; never its token.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// When it was opened.
    pub created_at: Instant,
    /// When its person last proved who they are.
    pub authenticated_at: Instant,
    /// When it was last used, to the minute.
    pub last_seen_at: Instant,
    /// Its absolute end, whatever use is made of it (ASVS 7.3.2).
    pub absolute_end: Instant,
}

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub struct SessionPolicy {
    /// From the last use to the idle end (ASVS 7.3.1).
    pub idle: TimeDelta,
    /// From the opening to the absolute end (ASVS 7.3.2).
    pub lifetime: TimeDelta,
}

impl SessionPolicy {
    /// When the session ends if it is not used again: the earlier of its two ends.
    pub fn expires_at(&self, session: &Session) -> Instant {
        session.absolute_end.min(session.last_seen_at + self.idle)
    }

    /// Whether the session has not ended; the end itself is past it.
    pub fn is_live(&self, session: &Session, now: Instant) -> bool {
        now < self.expires_at(session)
    }
}
