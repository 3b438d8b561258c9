//! Sessions from their start to their end, on one node and on several.

mod cache;
mod expires;
mod list;
mod model;
mod nodes;
mod revoke_session;
mod statements;
