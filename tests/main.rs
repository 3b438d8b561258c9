//! Gatelodge's tests: a real server, a real database, one behaviour a file.

mod harness;

mod cli;
mod cookie;
mod cors;
mod failures;
mod graphiql;
mod guard;
mod health;
mod layering;
mod login;
mod logout;
mod me;
mod migrations;
mod origin;
mod register;
mod request;
mod schema;
mod session_expires;
mod shutdown;
