//! The limits of WebSockets and streams toward the service behind the gate.

use std::time::Duration;

use clap::Args;

use super::values::{byte_size, duration};

/// The settings of WebSockets and streams.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "WebSockets and streams")]
pub struct SocketConfig {
    /// Maximum number of open WebSockets and streams. Further ones are refused
    #[arg(long, env = "GATELODGE_MAX_SOCKETS", default_value = "5000", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_sockets: u32,

    /// Maximum number of open WebSockets and streams of one session. A further WebSocket is closed with 4429
    #[arg(long, env = "GATELODGE_SOCKET_PER_SESSION", default_value = "10", value_parser = clap::value_parser!(u32).range(1..))]
    pub socket_per_session: u32,

    /// Maximum number of subscriptions and queries that run on one WebSocket at once
    #[arg(long, env = "GATELODGE_SOCKET_SUBSCRIPTIONS", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    pub socket_subscriptions: u32,

    /// Maximum size of a message that a client sends over a WebSocket
    #[arg(long, env = "GATELODGE_SOCKET_MESSAGE_SIZE", default_value = "64KiB", value_parser = byte_size::parse)]
    pub socket_message_size: u64,

    /// Maximum number of messages that are read from a WebSocket in a second. Further ones wait
    #[arg(long, env = "GATELODGE_SOCKET_MESSAGE_RATE", default_value = "50", value_parser = clap::value_parser!(u32).range(1..))]
    pub socket_message_rate: u32,

    /// Timeout for a WebSocket's `connection_init`
    #[arg(long, env = "GATELODGE_SOCKET_INIT_TIMEOUT", default_value = "3s", value_parser = duration::parse)]
    pub socket_init_timeout: Duration,

    /// Time between two pings of a WebSocket
    #[arg(long, env = "GATELODGE_SOCKET_PING_INTERVAL", default_value = "20s", value_parser = duration::parse)]
    pub socket_ping_interval: Duration,

    /// Timeout for the answer to a ping
    #[arg(long, env = "GATELODGE_SOCKET_PING_TIMEOUT", default_value = "20s", value_parser = duration::parse)]
    pub socket_ping_timeout: Duration,

    /// Timeout for a client to take a message of a WebSocket, or a part of a stream
    #[arg(long, env = "GATELODGE_SOCKET_WRITE_TIMEOUT", default_value = "10s", value_parser = duration::parse)]
    pub socket_write_timeout: Duration,

    /// Time after which a comment is sent over a quiet event stream, so that proxies do not close it
    #[arg(long, env = "GATELODGE_SOCKET_KEEP_ALIVE", default_value = "15s", value_parser = duration::parse)]
    pub socket_keep_alive: Duration,
}
