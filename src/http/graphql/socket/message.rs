//! The messages of `graphql-transport-ws`, in both directions.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Maximum bytes of the id that a client gives a subscription. Usual ids are UUIDs.
const MAX_ID: usize = 128;

/// A message as it was received. Keys that the protocol does not have are ignored.
#[derive(Deserialize)]
struct Received<'m> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'m, str>,
    #[serde(borrow)]
    id: Option<Cow<'m, str>>,
    #[serde(borrow)]
    payload: Option<&'m RawValue>,
}

/// A message of a client.
pub enum ClientMessage<'m> {
    /// Begins the connection.
    Init(Option<&'m RawValue>),
    /// Asks for a `pong`.
    Ping,
    /// Answers a `ping`.
    Pong,
    /// Begins a subscription or a query.
    Subscribe {
        /// The client's id for it.
        id: Cow<'m, str>,
        /// The GraphQL request.
        request: &'m RawValue,
    },
    /// Ends a subscription.
    Complete {
        /// The client's id for it.
        id: Cow<'m, str>,
    },
}

impl<'m> ClientMessage<'m> {
    /// Reads a message, or returns `None` if it is not one of the protocol.
    pub fn read(text: &'m str) -> Option<Self> {
        let Received { kind, id, payload } = serde_json::from_str(text).ok()?;
        let id = id.filter(|id| !id.is_empty() && id.len() <= MAX_ID);
        Some(match &*kind {
            "connection_init" => Self::Init(payload),
            "ping" => Self::Ping,
            "pong" => Self::Pong,
            "subscribe" => Self::Subscribe {
                id: id?,
                request: payload?,
            },
            "complete" => Self::Complete { id: id? },
            _ => return None,
        })
    }
}

/// A message of the service.
pub enum ServiceMessage<'m> {
    /// A result of a subscription.
    Next(u64, &'m RawValue),
    /// The end of a subscription by errors.
    Error(u64, &'m RawValue),
    /// The end of a subscription.
    Complete(u64),
    /// Asks for a `pong`.
    Ping,
    /// Answers a `ping`.
    Pong,
}

impl<'m> ServiceMessage<'m> {
    /// Reads a message, or returns `None` if it is not one of the protocol.
    pub fn read(text: &'m str) -> Option<Self> {
        let Received { kind, id, payload } = serde_json::from_str(text).ok()?;
        let id = || id.as_ref().and_then(|id| id.parse().ok());
        let begins = |with: &str| payload.filter(|payload| payload.get().starts_with(with));
        Some(match &*kind {
            "next" => Self::Next(id()?, begins("{")?),
            "error" => Self::Error(id()?, begins("[")?),
            "complete" => Self::Complete(id()?),
            "ping" => Self::Ping,
            "pong" => Self::Pong,
            _ => return None,
        })
    }
}

/// A message to be sent.
#[derive(Serialize)]
pub struct Sent<'m, I, P: ?Sized> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<I>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<&'m P>,
}

/// Returns a message with these parts, or `None` if it cannot be written, which is a bug.
pub fn write<I: Serialize, P: Serialize + ?Sized>(
    kind: &'static str,
    id: Option<I>,
    payload: Option<&P>,
) -> Option<String> {
    serde_json::to_string(&Sent { kind, id, payload }).ok()
}
