//! `Node`: an object with an id.

use async_graphql::{ID, Interface};

use super::{session::Session, user::User};

/// An object with an id. `Query.node` finds it by the id.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "An opaque string that is unique to the object. Its prefix shows the type."
))]
pub enum Node {
    /// A user.
    User(User),
    /// A session.
    Session(Session),
}
