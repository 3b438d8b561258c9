//! `UserError`: what a person can mend is data, at the field of the form where they can mend it.

use async_graphql::Interface;

use crate::graphql::mutation::{login::LoginUserError, register::RegisterUserError};

/// Something the person can mend. Each mutation's own type adds `code`.
#[derive(Interface)]
#[graphql(
    field(name = "message", ty = "&String", desc = "What is wrong, for people."),
    field(
        name = "field",
        ty = "&Option<Vec<String>>",
        desc = "The path in the input of what is wrong; null when it is no single field."
    )
)]
pub enum UserError {
    /// Of `register`.
    Register(RegisterUserError),
    /// Of `login`.
    Login(LoginUserError),
}

/// The path of one field of the input.
pub fn at(field: &str) -> Vec<String> {
    vec![field.to_owned()]
}
