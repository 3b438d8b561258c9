//! Logging in and out, and knowing who is signed in.

mod identity;
mod login;
mod logout;
mod me;
mod reauthenticate;
mod remember_me;
