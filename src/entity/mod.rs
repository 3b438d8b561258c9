//! SeaORM's view of the tables: plain rows. Only `store` looks in here.

pub mod secret;
pub mod session;
pub mod throttle;
pub mod user;
