//! The client toward the GraphQL service behind the gate.

mod answer;
mod body;
mod bounds;
mod client;
mod connection;
mod error;
mod headers;
mod media_type;
mod socket;

pub use self::{
    answer::UpstreamResponse,
    body::UpstreamBody,
    bounds::MergeSlot,
    client::{ForwardedFor, Upstream, UpstreamRequest},
    error::{UpstreamError, UpstreamSetupError},
    media_type::MediaType,
    socket::{BUFFER, PONG, PROTOCOL, SocketRequest, UpstreamSocket},
};
