//! SeaORM's view of the tables: plain rows. Only `store` looks in here.

pub mod foreign_hash;
pub mod imported_user;
pub mod schema_level;
pub mod secret;
pub mod security_event;
pub mod session;
pub mod throttle;
pub mod user;
