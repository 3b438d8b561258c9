//! The GraphQL API: thin resolvers that parse the input, call one feature of `auth` and turn its result into a payload.

use async_graphql::{EmptySubscription, SDLExportOptions, SchemaBuilder};

pub mod context;
pub(crate) mod error;
pub mod error_code;
pub mod execute;
pub mod guard;
pub mod merged;
mod mutation;
mod operation_log;
pub mod published;
mod query;
pub mod schema_view;
pub mod split;
mod types;
pub mod upstream_schema;

pub use execute::Executor;
pub use mutation::CREDENTIAL_FIELDS;

use self::types::{
    connection::Connection, security_event::SecurityEvent, session::Session, user::User,
};
use crate::domain::clock::Timestamp;

/// The executable schema.
type Schema = async_graphql::Schema<query::Query, mutation::Mutation, EmptySubscription>;

/// Returns the builder of the executable schema.
fn request_schema(
    introspection: bool,
) -> SchemaBuilder<query::Query, mutation::Mutation, EmptySubscription> {
    let schema = Schema::build(
        query::Query,
        mutation::Mutation::default(),
        EmptySubscription,
    )
    .register_output_type::<mutation::UserError>()
    .override_output_type_description::<Connection<Session>>("A page of a user's sessions.")
    .override_output_type_description::<Connection<User>>("A page of users.")
    .override_output_type_description::<Connection<SecurityEvent>>("A page of security events.")
    .override_output_type_description::<Timestamp>(
        "A point in time in UTC, in the format of RFC 3339: `2026-01-31T12:34:56.789012+00:00`.",
    );
    if introspection {
        schema
    } else {
        // The guard refuses introspection too; this is a second barrier.
        schema.disable_introspection()
    }
}

/// Returns the published schema, as in `schema.graphql`.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().prefer_single_line_descriptions();
    let sdl = request_schema(true).finish().sdl_with_options(options);
    format!("{}\n", sdl.trim())
}
