//! The GraphQL service behind the gate.

pub mod client;
