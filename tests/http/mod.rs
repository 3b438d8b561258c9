//! The server, from connections to responses.

mod connections;
mod cookie;
mod cors;
mod cors_of_failures;
mod exhaustion;
mod failures;
mod graphiql;
mod headers;
mod health;
mod metrics;
mod origin;
mod protocol;
mod public_url;
mod request;
mod shutdown;
