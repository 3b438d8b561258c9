//! The GraphQL endpoint: from a request's bytes to the response's.

pub(crate) mod body;
pub(crate) mod document_id;
pub(crate) mod endpoint;
pub(crate) mod graphiql;
pub(crate) mod media_type;
pub mod strict_json;
