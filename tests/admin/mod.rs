//! What administrators do with other users' accounts.

mod changes;
mod last_admin;
mod queries;
