//! Security events of a user's account, which the user can list.

use super::{
    client::Client,
    clock::Timestamp,
    id::{EventId, UserId},
};

/// Maximum events of one user, so that a flood of attempts cannot fill the database.
pub const MAX_EVENTS: u64 = 1_000;

/// A security event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityEvent {
    /// The event's id.
    pub id: EventId,
    /// The kind of event.
    pub kind: EventKind,
    /// The time of the event.
    pub created_at: Timestamp,
    /// The client.
    pub client: Client,
    /// The administrator who did it; `None` if it was the user.
    pub actor: Option<UserId>,
}

/// The number of a user's events of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindCount {
    /// The kind as stored. A newer version may have stored a kind that this version does not know.
    pub kind: String,
    /// The number of events.
    pub count: u64,
    /// The oldest event.
    pub oldest: EventId,
}

/// Returns how many events of each kind to delete so that at most `keep` stay: always the oldest of the most frequent
/// kind. So a flood of one kind does not displace rare events.
pub fn surplus(mut kinds: Vec<KindCount>, keep: u64) -> Vec<(String, u64)> {
    let mut deleted: Vec<_> = kinds.iter().map(|kind| (kind.kind.clone(), 0)).collect();
    let mut total: u64 = kinds.iter().map(|kind| kind.count).sum();
    while total > keep {
        let most_frequent = kinds
            .iter()
            .enumerate()
            .max_by(|(_, one), (_, other)| {
                let oldest_wins = other.oldest.uuid().cmp(&one.oldest.uuid());
                one.count.cmp(&other.count).then(oldest_wins)
            })
            .map(|(index, _)| index);
        let Some(index) = most_frequent else { break };
        kinds[index].count -= 1;
        deleted[index].1 += 1;
        total -= 1;
    }
    deleted.retain(|(_, count)| *count > 0);
    deleted
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $word:literal,)*) => {
        /// The kind of an event. Kinds are only added, because databases contain their words.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum EventKind {
            $($(#[$doc])* $kind,)*
        }

        impl EventKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// Returns the stored word.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)*
                }
            }
        }
    };
}

kinds! {
    /// The user registered.
    Registered = "registered",
    /// The user logged in.
    LoggedIn = "logged_in",
    /// A login failed because the password was wrong.
    LoginRefused = "login_refused",
    /// The user logged out.
    LoggedOut = "logged_out",
    /// The user confirmed the password again.
    Reauthenticated = "reauthenticated",
    /// A logged-in client sent a wrong current password.
    PasswordRefused = "password_refused",
    /// The password was changed.
    PasswordChanged = "password_changed",
    /// The username was changed.
    UsernameChanged = "username_changed",
    /// A session was ended by another session or an administrator.
    SessionRevoked = "session_revoked",
    /// The user was deleted.
    UserDeleted = "user_deleted",
    /// The user was added from the command line.
    UserAdded = "user_added",
    /// The user was disabled.
    UserDisabled = "user_disabled",
    /// The user was enabled again.
    UserEnabled = "user_enabled",
    /// The user's roles were changed.
    RolesChanged = "roles_changed",
    /// The account's failed attempts were cleared.
    UserUnlocked = "user_unlocked",
}

impl EventKind {
    /// Parses a stored word. Returns `None` for a word of a newer version.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_its_word() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::read(kind.as_str()), Some(*kind));
        }
        assert_eq!(EventKind::read("of_a_later_version"), None);
    }

    #[test]
    fn the_oldest_of_the_most_frequent_kind_goes_first() {
        let kind = |kind: &str, count, oldest| KindCount {
            kind: kind.to_owned(),
            count,
            oldest: EventId::from_uuid(uuid::Uuid::from_u128(oldest)),
        };
        let goes = |kinds: &[KindCount], keep| surplus(kinds.to_vec(), keep);
        let flood = [
            kind("login_refused", 990, 9),
            kind("password_changed", 11, 1),
        ];
        assert_eq!(goes(&flood, 1_001), []);
        assert_eq!(goes(&flood, 1_000), [("login_refused".to_owned(), 1)]);
        assert_eq!(
            goes(&flood, 20),
            [
                ("login_refused".to_owned(), 980),
                ("password_changed".to_owned(), 1)
            ]
        );
        let even = [kind("logged_in", 5, 9), kind("of_a_later_version", 5, 1)];
        assert_eq!(goes(&even, 9), [("of_a_later_version".to_owned(), 1)]);
        assert_eq!(
            goes(&even, 0).iter().map(|(_, count)| count).sum::<u64>(),
            10
        );
        assert_eq!(goes(&[], 0), []);
    }
}
