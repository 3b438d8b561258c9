//! WebSockets: subscriptions and queries of the service behind the gate, by the protocol `graphql-transport-ws`.
//!
//! A socket is accepted (`upgrade`), and a task relays its messages (`relay`) until the client or the service leaves, or
//! until its session ends (`life`). The client's messages are read strictly (`message`). Of sockets there is a maximum
//! (`bounds`).

mod begin;
mod bounds;
mod client;
mod close;
mod heartbeat;
pub(crate) mod life;
mod message;
mod rate;
mod relay;
mod service;
mod subscriptions;
mod upgrade;

pub(crate) use self::{
    bounds::{SessionPermit, SocketPermit, Sockets},
    upgrade::{is_upgrade, upgrade},
};
