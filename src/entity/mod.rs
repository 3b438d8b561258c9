//! SeaORM's view of the tables: plain rows. Only `store` looks in here.

pub mod session;
pub mod user;
