//! A face of `auth`: thin resolvers that parse the input, call one feature and turn its outcome into a payload.

use async_graphql::{EmptySubscription, SDLExportOptions};

pub mod code;
pub mod engine;
mod fault;
pub mod guard;
mod mutation;
mod query;
mod types;
pub mod visitor;

pub use engine::Engine;
pub use mutation::CREDENTIAL_FIELDS;

use self::types::{
    connection::Connection, security_event::SecurityEvent, session::Session, user::User,
};
use crate::domain::clock::Instant;

/// The executable schema.
pub type Schema = async_graphql::Schema<query::Query, mutation::Mutation, EmptySubscription>;

/// Builds the schema.
pub fn schema(introspection: bool) -> Schema {
    let schema = Schema::build(
        query::Query,
        mutation::Mutation::default(),
        EmptySubscription,
    )
    // "Did you mean" compares every wrong name with every right one: GraphiQL does that in the browser.
    .disable_suggestions()
    .register_output_type::<types::user_error::UserError>()
    .override_output_type_description::<Connection<Session>>("A page of a person's sessions.")
    .override_output_type_description::<Connection<User>>("A page of people.")
    .override_output_type_description::<Connection<SecurityEvent>>("A page of security events.")
    .override_output_type_description::<Instant>(
        "A point in time in UTC, as RFC 3339 writes it: `2026-01-31T12:34:56.789012+00:00`.",
    );
    if introspection {
        schema.finish()
    } else {
        // `disable_introspection` alone would answer `{"__schema": null}`; the guard refuses such documents.
        schema.disable_introspection().finish()
    }
}

/// The published schema, as `schema.graphql` has it.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().prefer_single_line_descriptions();
    let sdl = schema(true).sdl_with_options(options);
    format!("{}\n", sdl.trim())
}
