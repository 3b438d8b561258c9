//! Security events: what happened to a person's account, for them to look through.

use super::{
    client::Client,
    clock::Timestamp,
    id::{EventId, UserId},
};

/// The most events that one user has: a flood of attempts must not fill the database.
pub const MAX_EVENTS: u64 = 1_000;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityEvent {
    /// Names the event.
    pub id: EventId,
    /// What it was.
    pub kind: EventKind,
    /// When.
    pub created_at: Timestamp,
    /// From where.
    pub client: Client,
    /// Who did it, when it was not the person themselves.
    pub actor: Option<UserId>,
}

/// How many events of a kind a user has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindCount {
    /// The kind as the database has it: a later version may have noted one that this version does not know.
    pub kind: String,
    /// How many.
    pub count: u64,
    /// The oldest of them.
    pub oldest: EventId,
}

/// Returns how many events of each kind must go so that at most `keep` stay: always the oldest of the most frequent
/// kind. So a flood of one kind pushes out no rare ones.
pub fn surplus(mut kinds: Vec<KindCount>, keep: u64) -> Vec<(String, u64)> {
    let mut goes: Vec<_> = kinds.iter().map(|kind| (kind.kind.clone(), 0)).collect();
    let mut total: u64 = kinds.iter().map(|kind| kind.count).sum();
    while total > keep {
        let most = kinds
            .iter()
            .enumerate()
            .max_by(|(_, one), (_, other)| {
                let oldest_wins = other.oldest.uuid().cmp(&one.oldest.uuid());
                one.count.cmp(&other.count).then(oldest_wins)
            })
            .map(|(place, _)| place);
        let Some(most) = most else { break };
        kinds[most].count -= 1;
        goes[most].1 += 1;
        total -= 1;
    }
    goes.retain(|(_, count)| *count > 0);
    goes
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $word:literal,)*) => {
        /// What happened. The list only grows: the words are in databases.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum EventKind {
            $($(#[$doc])* $kind,)*
        }

        impl EventKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The kind as the database has it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)*
                }
            }
        }
    };
}

kinds! {
    /// The person registered.
    Registered = "registered",
    /// They logged in.
    LoggedIn = "logged_in",
    /// Somebody tried to log in with a wrong password.
    LoginRefused = "login_refused",
    /// They logged out.
    LoggedOut = "logged_out",
    /// They proved anew who they are.
    Reauthenticated = "reauthenticated",
    /// Somebody who was logged in gave a wrong current password.
    PasswordRefused = "password_refused",
    /// The password was changed.
    PasswordChanged = "password_changed",
    /// The username was changed.
    UsernameChanged = "username_changed",
    /// A session was ended from elsewhere.
    SessionRevoked = "session_revoked",
    /// The person was deleted.
    UserDeleted = "user_deleted",
    /// The person was added from the command line.
    UserAdded = "user_added",
    /// The person was disabled.
    UserDisabled = "user_disabled",
    /// The person was enabled again.
    UserEnabled = "user_enabled",
    /// The person's roles were changed.
    RolesChanged = "roles_changed",
    /// Failed tries at the account were forgiven.
    UserUnlocked = "user_unlocked",
}

impl EventKind {
    /// Reads a kind; `None` for a word of a later version.
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
