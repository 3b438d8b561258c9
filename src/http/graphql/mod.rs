//! The GraphQL endpoint: from the request's bytes to the response's bytes.

pub(crate) mod body;
pub(crate) mod document_id;
pub(crate) mod endpoint;
pub(crate) mod forwarded;
pub(crate) mod graphiql;
mod held_body;
pub(crate) mod media_type;
pub(crate) mod socket;
mod splice;
pub(crate) mod stream;
pub mod strict_json;
