//! Pure types: what a username, a password, a token or a session is. No async, no I/O; parse, don't validate.

pub mod client;
pub mod clock;
pub mod device;
pub mod entropy;
pub mod id;
pub mod imported;
pub mod network;
pub mod password;
pub mod role;
pub mod security_event;
pub mod session;
pub mod throttle;
pub mod token;
pub mod user;
pub mod username;
