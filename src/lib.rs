//! Gatelodge: a GraphQL authentication gateway. ARCHITECTURE.md describes its modules.

pub mod app;
pub mod auth;
mod breached;
pub mod cli;
pub mod config;
pub mod domain;
pub mod graphql;
pub mod http;
mod http_client;
pub mod identity;
pub mod store;
pub mod telemetry;
pub mod transfer;
pub mod upstream;
