//! The log.

mod events;
mod logins;
mod requests;
mod unwritable;
mod warnings;
