//! Why a socket is closed, as close codes (RFC 6455, section 7.4; graphql-transport-ws).
//!
//! The client of graphql-ws connects again after 1012, 1013, 4403 and 4408. After most others, connecting again would only repeat
//! a mistake of the client.

use std::borrow::Cow;

use axum::extract::ws::CloseFrame;

/// Why a socket is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// The client left, or does not take messages.
    Gone,
    /// A message is no message of the protocol.
    BadMessage,
    /// A message is too large.
    TooLarge,
    /// `subscribe` came before `connection_ack`.
    NotInitialised,
    /// The session has ended, or does not meet the requirements.
    Forbidden,
    /// `connection_init` did not come in time.
    InitTimeout,
    /// Two subscriptions have the same id.
    SameId,
    /// `connection_init` came twice.
    InitTwice,
    /// The session has too many sockets.
    TooManySockets,
    /// This process stops, or the token is over. The client may connect again at once.
    Restart,
    /// The database does not answer.
    Unavailable,
    /// The service behind the gate is not there, or broke the connection.
    BadGateway,
    /// A bug.
    Internal,
}

impl Close {
    /// Whether the client did what it may not.
    pub fn is_refusal(self) -> bool {
        !matches!(
            self,
            Self::Gone | Self::Restart | Self::Unavailable | Self::BadGateway | Self::Internal
        )
    }

    /// Returns the code and the reason for the client, or `None` if nobody is there.
    pub fn frame(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Gone => return None,
            Self::BadMessage => (4400, "Invalid message"),
            Self::TooLarge => (1009, "Message too large"),
            Self::NotInitialised => (4401, "Unauthorized"),
            Self::Forbidden => (4403, "Forbidden"),
            Self::InitTimeout => (4408, "Connection initialisation timeout"),
            Self::SameId => (4409, "Subscriber already exists"),
            Self::InitTwice => (4429, "Too many initialisation requests"),
            Self::TooManySockets => (4429, "Too many sockets of this session"),
            Self::Restart => (1012, "Connect again"),
            Self::Unavailable => (1013, "Try again later"),
            Self::BadGateway => (1013, "The service behind this server is not available"),
            Self::Internal => (4500, "Internal server error"),
        };
        let reason: Cow<'static, str> = reason.into();
        Some(CloseFrame {
            code,
            reason: reason.into_owned().into(),
        })
    }
}
