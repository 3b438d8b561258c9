//! Security events: what happened to a person's account, for them to look through.

use super::{
    client::Client,
    clock::Instant,
    id::{EventId, UserId},
};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityEvent {
    /// Names the event.
    pub id: EventId,
    /// What it was.
    pub kind: EventKind,
    /// When.
    pub created_at: Instant,
    /// From where.
    pub client: Client,
    /// Who did it, when it was not the person themselves.
    pub actor: Option<UserId>,
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
}
