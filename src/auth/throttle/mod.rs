//! Limits attempts at passwords, and registrations.

pub(crate) mod device;
pub mod reservation;
pub mod rules;
