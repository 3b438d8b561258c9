//! A face of `graphql`: the router, and everything that HTTP and browsers ask for around it.

use std::sync::Arc;

use axum::{
    Router,
    http::Request,
    middleware::{from_fn, from_fn_with_state},
    routing::{any, get},
};
use tower_cookies::CookieManagerLayer;
use tower_http::{catch_panic::CatchPanicLayer, csrf::ConfigError};

mod accept;
mod admin_hosts;
mod body;
mod client_address;
pub mod cookie;
mod cors;
mod csrf;
mod document_id;
mod door;
mod graphiql;
mod headers;
mod health;
mod host;
pub mod listen;
pub mod metrics;
mod origin;
mod refusal;
mod request_id;
mod small_reads;
mod source_limit;
pub mod strict_json;
mod trace;

use self::{
    admin_hosts::AdminHosts, client_address::ClientAddress, cookie::SessionCookie,
    headers::Transport, origin::OriginPolicy, refusal::Refusal,
};
use crate::{
    auth::Auth,
    config::{Config, limits::Limits},
    graphql::{Engine, code::ErrorCode},
};

/// What the handlers share.
struct Http {
    auth: Arc<Auth>,
    engine: Engine,
    cookie: SessionCookie,
    graphiql: bool,
    limits: Limits,
}

/// The listener for browsers and services.
pub fn router(auth: Arc<Auth>, engine: Engine, config: &Config) -> Result<Router, ConfigError> {
    let origins = config.browser.origins();
    let transport = if config.browser.public_url.is_https() {
        Transport::Https
    } else {
        Transport::Http
    };
    let http = Arc::new(Http {
        auth: Arc::clone(&auth),
        engine,
        cookie: SessionCookie::of(&config.browser),
        graphiql: config.graphiql(),
        limits: config.limits.clone(),
    });
    let addresses = Arc::new(ClientAddress::new(config.server.trusted_proxies.clone()));
    let mut graphql = Router::new().route("/graphql", any(door::answer));
    if config.graphiql() {
        graphql = graphql.route("/graphql/assets/{name}", get(graphiql::asset));
    }
    let router = graphql
        .with_state(http)
        .merge(health::public(auth))
        .fallback(async || Refusal::new(ErrorCode::NotFound, "There is nothing here"))
        .method_not_allowed_fallback(async || Refusal::method_not_allowed("GET, HEAD"));
    // From the innermost layer to the outermost: each sees the answers of all above it here.
    Ok(router
        .layer(CookieManagerLayer::new())
        .layer(csrf::layer(&origins)?)
        .layer(CatchPanicLayer::custom(refusal::panicked))
        .layer(cors::layer(&origins))
        .layer(from_fn_with_state(
            Arc::new(OriginPolicy::new(&origins)),
            origin::check,
        ))
        .layer(from_fn(host::check))
        .layer(from_fn(refusal::fit))
        .layer(from_fn_with_state(transport, headers::set))
        .layer(trace::layer())
        .layer(from_fn_with_state(
            Arc::clone(&addresses),
            client_address::set,
        ))
        .layer(from_fn_with_state(addresses, request_id::set)))
}

/// The listener for those who run Gatelodge: health in detail, and the counts.
pub fn admin_router(
    auth: Arc<Auth>,
    exposition: metrics::Exposition,
    hosts: Vec<String>,
) -> Router {
    let addresses = Arc::new(ClientAddress::new(vec![]));
    health::admin(Arc::clone(&auth))
        .merge(metrics::routes(auth, exposition))
        .fallback(async || Refusal::new(ErrorCode::NotFound, "There is nothing here"))
        .method_not_allowed_fallback(async || Refusal::method_not_allowed("GET, HEAD"))
        .layer(CatchPanicLayer::custom(refusal::panicked))
        .layer(from_fn_with_state(
            Arc::new(AdminHosts::new(hosts)),
            admin_hosts::check,
        ))
        .layer(from_fn(host::check))
        .layer(from_fn(refusal::fit))
        .layer(from_fn_with_state(Transport::Http, headers::set))
        .layer(trace::layer())
        .layer(from_fn_with_state(
            Arc::clone(&addresses),
            client_address::set,
        ))
        .layer(from_fn_with_state(addresses, request_id::set))
}

/// The request's path, short enough for a log.
fn short_path<B>(request: &Request<B>) -> &str {
    let path = request.uri().path();
    path.get(..path.len().min(128)).unwrap_or("…")
}
