//! The root of mutations: one feature a file.

use async_graphql::MergedObject;

pub mod login;
pub mod logout;
pub mod register;

/// Root fields that check a password or set the session cookie.
///
/// An operation may have one of them: thousands of aliased logins in one request are a way round every throttle.
pub const CREDENTIAL_FIELDS: &[&str] = &["register", "login", "logout"];

/// What can be done.
#[derive(Default, MergedObject)]
pub struct Mutation(register::Register, login::Login, logout::Logout);
