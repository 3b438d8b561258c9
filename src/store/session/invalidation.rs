//! Invalidations of cache entries, and their form in a notification.

use crate::domain::id::{SessionId, UserId};

/// Maximum bytes of one notification. PostgreSQL accepts less than 8,000.
const MAX_PAYLOAD: usize = 7_900;
/// The word for everything in a notification.
const EVERYTHING: &str = "*";

/// Cache entries to remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalidation {
    /// One session that ended or changed.
    Session(SessionId),
    /// All sessions of a user.
    User(UserId),
    /// All entries.
    Everything,
}

impl Invalidation {
    /// Returns the payloads of one or more notifications. They contain ids, which are not secret, and no tokens.
    pub(crate) fn payloads(all: &[Self]) -> Vec<String> {
        let mut payloads: Vec<String> = vec![];
        for one in all {
            let word = match one {
                Self::Session(id) => id.to_string(),
                Self::User(id) => id.to_string(),
                Self::Everything => EVERYTHING.to_owned(),
            };
            match payloads.last_mut() {
                Some(last) if last.len() + word.len() < MAX_PAYLOAD => {
                    last.push(' ');
                    last.push_str(&word);
                }
                _ => payloads.push(word),
            }
        }
        payloads
    }

    /// Parses a payload. A word that this version cannot read may mean anything, so it invalidates everything.
    pub(crate) fn read(payload: &str) -> Vec<Self> {
        let read = |word: &str| {
            let session = word.parse().map(Self::Session);
            session
                .or_else(|_| word.parse().map(Self::User))
                .unwrap_or(Self::Everything)
        };
        payload.split(' ').map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use type_safe_id::TypeSafeId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_payload_survives_writing_and_parsing() {
        let session = Invalidation::Session(TypeSafeId::from_uuid(Uuid::from_u128(1 << 100)));
        let user = Invalidation::User(TypeSafeId::from_uuid(Uuid::from_u128(7 << 100)));
        let all = [session, user, Invalidation::Everything];
        let payloads = Invalidation::payloads(&all);
        assert_eq!(payloads.len(), 1);
        assert_eq!(Invalidation::read(&payloads[0]), all);
    }

    #[test]
    fn a_long_notification_is_split() {
        let all =
            vec![Invalidation::Session(TypeSafeId::from_uuid(Uuid::from_u128(1 << 100))); 1000];
        let payloads = Invalidation::payloads(&all);
        assert!(payloads.iter().all(|payload| payload.len() < 8_000));
        let read: Vec<_> = payloads
            .iter()
            .flat_map(|text| Invalidation::read(text))
            .collect();
        assert_eq!(read, all);
    }

    #[test]
    fn an_unreadable_payload_invalidates_everything() {
        for payload in [
            "",
            "nonsense",
            "session_",
            "user_1",
            "role_01h455vb4pex5vsknk084sn02q",
        ] {
            assert_eq!(
                Invalidation::read(payload),
                [Invalidation::Everything],
                "{payload:?}"
            );
        }
    }
}
