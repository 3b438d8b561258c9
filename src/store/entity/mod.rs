//! SeaORM's entities: the rows of the tables. Only `store` uses them.

pub mod foreign_hash;
pub mod imported_user;
pub mod schema_level;
pub mod secret;
pub mod security_event;
pub mod session;
pub mod signing_key;
pub mod throttle;
pub mod user;
