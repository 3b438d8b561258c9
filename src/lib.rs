//! Gatelodge: a GraphQL authentication gateway. The map of the house; ARCHITECTURE.md tells how to walk it.

pub mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod domain;
pub mod graphql;
pub mod http;
pub mod store;
pub mod telemetry;
pub mod transfer;
