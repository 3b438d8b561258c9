//! Stale: what a change makes untrue in the nodes' caches, and how it is told in a notification.

use crate::domain::id::{SessionId, UserId};

/// Bytes of one notification: PostgreSQL takes less than 8,000.
const PAYLOAD: usize = 7_900;
/// Everything, in a notification.
const EVERYTHING: &str = "*";

/// What must be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalidation {
    /// One session: it ended, or it changed.
    Session(SessionId),
    /// A person, and with them all their sessions.
    Person(UserId),
    /// All that is remembered.
    Everything,
}

impl Invalidation {
    /// Writes a notification's payload, or several. Ids are no secrets: there are no tokens in it.
    pub(crate) fn payloads(all: &[Self]) -> Vec<String> {
        let mut payloads: Vec<String> = vec![];
        for one in all {
            let word = match one {
                Self::Session(id) => id.to_string(),
                Self::Person(id) => id.to_string(),
                Self::Everything => EVERYTHING.to_owned(),
            };
            match payloads.last_mut() {
                Some(last) if last.len() + word.len() < PAYLOAD => {
                    last.push(' ');
                    last.push_str(&word);
                }
                _ => payloads.push(word),
            }
        }
        payloads
    }

    /// Reads a payload. One that another version wrote, and this one cannot read, may mean anything: everything.
    pub(crate) fn read(payload: &str) -> Vec<Self> {
        let read = |word: &str| {
            let session = word.parse().map(Self::Session);
            session
                .or_else(|_| word.parse().map(Self::Person))
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
    fn a_notification_is_read_as_it_was_written() {
        let session = Invalidation::Session(TypeSafeId::from_uuid(Uuid::from_u128(1 << 100)));
        let person = Invalidation::Person(TypeSafeId::from_uuid(Uuid::from_u128(7 << 100)));
        let all = [session, person, Invalidation::Everything];
        let payloads = Invalidation::payloads(&all);
        assert_eq!(payloads.len(), 1);
        assert_eq!(Invalidation::read(&payloads[0]), all);
    }

    #[test]
    fn a_long_notification_is_cut_into_several() {
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
    fn what_cannot_be_read_means_everything() {
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
