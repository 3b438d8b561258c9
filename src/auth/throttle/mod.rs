//! Bounds how often passwords can be guessed.

pub(crate) mod device;
pub mod reservation;
pub mod rules;
