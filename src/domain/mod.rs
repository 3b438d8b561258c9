//! Pure types: usernames, passwords, tokens, sessions and others. No async, no I/O. Parse, don't validate.

pub mod client;
pub mod clock;
pub mod device;
pub mod entropy;
pub mod id;
pub mod imported;
pub mod network;
pub mod password;
pub mod role;
pub mod secret;
pub mod security_event;
pub mod session;
pub mod throttle;
pub mod token;
pub mod user;
pub mod username;
