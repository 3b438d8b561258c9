//! Login, logout, and the signed-in user.

mod identity;
mod login;
mod logout;
mod me;
mod reauthenticate;
mod remember_me;
