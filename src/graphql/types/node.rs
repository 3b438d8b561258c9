//! `Node`: everything that has an id.

use async_graphql::{ID, Interface};

use super::{session::Session, user::User};

/// Anything that has an id and can be asked for by it.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "An opaque string that names the thing; its prefix tells the kind."
))]
pub enum Node {
    /// A person.
    User(User),
    /// A sign-in.
    Session(Session),
}
