//! Log lines of refused password attempts: the account, and the reason.
//!
//! An unknown username is never logged as typed, because users type passwords into the wrong field. Its keyed hash
//! shows which lines are about one username. Without the deployment's secret it cannot be guessed.

use base16ct::HexDisplay;

use crate::{
    auth::{Auth, Failure, password::stored_hash::UNUSABLE, throttle::rules::account_name},
    domain::id::UserId,
    store::StoredPassword,
};

/// Bytes of a username's hash in the log: enough to distinguish the usernames of one log.
const HASH_LEN: usize = 8;

/// The account of an attempt.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// A user.
    User(UserId),
    /// An unknown username, as a keyed hash in hexadecimal digits.
    Name(String),
    /// No username was sent.
    Nobody,
}

/// Why an attempt was refused. Only the log says so: a client must not learn which names exist (ASVS 6.3.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    WrongPassword,
    NoSuchUser,
    Disabled,
    /// The user has no usable password, for example after an import.
    NoPassword,
    /// The hash was made with a pepper that this node does not have.
    NoPepper,
    /// No username or no password was sent.
    EmptyField,
}

impl Target {
    /// Returns the user for a log line.
    pub(crate) fn user(&self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(*id),
            Self::Name(_) | Self::Nobody => None,
        }
    }

    /// Returns the hash of the username for a log line.
    pub(crate) fn name_hash(&self) -> Option<&str> {
        match self {
            Self::User(_) | Self::Nobody => None,
            Self::Name(hash) => Some(hash),
        }
    }
}

impl Reason {
    /// Returns why no password can match, if there is a reason.
    pub(crate) fn of(stored: Option<&StoredPassword>) -> Option<Self> {
        match stored {
            None => Some(Self::NoSuchUser),
            Some(stored) if stored.user.disabled_at.is_some() => Some(Self::Disabled),
            Some(stored) if stored.hash == UNUSABLE => Some(Self::NoPassword),
            Some(_) => None,
        }
    }

    /// Returns the text for the log.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::WrongPassword => "wrong password",
            Self::NoSuchUser => "no such user",
            Self::Disabled => "disabled",
            Self::NoPassword => "no password",
            Self::NoPepper => "pepper missing",
            Self::EmptyField => "a field is empty",
        }
    }
}

impl Auth {
    /// Returns the account of an attempt for the log. All spellings of a username have one hash.
    pub(crate) async fn target(
        &self,
        typed: &str,
        stored: Option<&StoredPassword>,
    ) -> Result<Target, Failure> {
        let secret = self.secret.get().await?;
        // Computed for existing users too: the same work, so that time does not reveal which usernames exist.
        let hash = secret.mac("log name", &[account_name(typed).as_bytes()]);
        Ok(match stored {
            Some(stored) => Target::User(stored.user.id),
            None => Target::Name(format!("{:x}", HexDisplay(&hash[..HASH_LEN]))),
        })
    }
}
