//! The GraphQL service behind the gate.

mod client;
