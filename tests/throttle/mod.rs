//! How often passwords can be guessed.

mod attempts;
mod gone;
mod killed;
mod logins;
mod model;
mod races;
mod source;
