//! What the log says about a refused attempt at a password: at which account it was, and why it was refused.
//!
//! A name that no user has is never logged as typed, because people type passwords into the wrong field. Its keyed hash
//! shows which lines are about one name, and cannot be guessed back without the deployment's secret.

use base16ct::HexDisplay;

use crate::{
    auth::{Auth, Failure, password::stored_hash::UNUSABLE, throttle::rules::account_name},
    domain::id::UserId,
    store::StoredPassword,
};

/// Bytes of a name's hash in the log: enough to tell the names of one log apart.
const HASH_LEN: usize = 8;

/// The account that an attempt was at.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// A user.
    User(UserId),
    /// A name that no user has, as a keyed hash in hexadecimal digits.
    Name(String),
    /// No name was sent.
    Nobody,
}

/// Why an attempt was refused. Only the log says so: a client must not learn which names exist (ASVS 6.3.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    WrongPassword,
    NoSuchUser,
    Disabled,
    /// The user has no password that can be right, for example after an import.
    NoPassword,
    /// The hash was made with a pepper that this node does not have.
    NoPepper,
    /// No username or no password was sent.
    EmptyField,
}

impl Target {
    /// Returns the user, for a log line.
    pub(crate) fn user(&self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(*id),
            Self::Name(_) | Self::Nobody => None,
        }
    }

    /// Returns the hash of the name, for a log line.
    pub(crate) fn name_hash(&self) -> Option<&str> {
        match self {
            Self::User(_) | Self::Nobody => None,
            Self::Name(hash) => Some(hash),
        }
    }
}

impl Reason {
    /// Returns why nothing of a user's can match, if so.
    pub(crate) fn of(stored: Option<&StoredPassword>) -> Option<Self> {
        match stored {
            None => Some(Self::NoSuchUser),
            Some(stored) if stored.user.disabled_at.is_some() => Some(Self::Disabled),
            Some(stored) if stored.hash == UNUSABLE => Some(Self::NoPassword),
            Some(_) => None,
        }
    }

    /// Returns the words in the log.
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
    /// Returns what the log calls the account of an attempt. All spellings of a name have one hash.
    pub(crate) async fn target(
        &self,
        typed: &str,
        stored: Option<&StoredPassword>,
    ) -> Result<Target, Failure> {
        let secret = self.secret.get().await?;
        // For a user, too: the same work, so that time does not reveal which names exist.
        let hash = secret.mac("log name", &[account_name(typed).as_bytes()]);
        Ok(match stored {
            Some(stored) => Target::User(stored.user.id),
            None => Target::Name(format!("{:x}", HexDisplay(&hash[..HASH_LEN]))),
        })
    }
}
