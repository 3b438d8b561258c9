//! HTTP: the routers, the GraphQL endpoint, and the middleware around them.

use std::sync::Arc;

use axum::{
    Router,
    http::Request,
    middleware::{from_fn, from_fn_with_state},
    routing::{any, get},
};
use tower_cookies::CookieManagerLayer;
use tower_http::{catch_panic::CatchPanicLayer, csrf::ConfigError};

pub mod cookie;
pub(crate) mod error_response;
pub(crate) mod gate;
pub mod graphql;
pub mod layers;
pub mod ops;
pub mod server;
mod stacks;

pub use self::ops::health::Health;
use self::{
    cookie::SessionCookie,
    error_response::ErrorResponse,
    gate::{forward_auth, public_documents},
    graphql::socket::Sockets,
    layers::{
        admin_hosts::AdminHosts, client_address::ClientAddress, origin::OriginPolicy,
        security_headers::Transport,
    },
    stacks::Stacks,
};
use crate::{
    auth::Auth,
    config::{Config, limits::Limits},
    graphql::{Executor, error_code::ErrorCode},
    identity::Issuer,
    telemetry::{forward_auth_metrics::ForwardAuthMetrics, metrics::Exposition},
};

/// The state that the handlers share.
pub(crate) struct Http {
    auth: Arc<Auth>,
    executor: Executor,
    cookie: SessionCookie,
    graphiql: bool,
    limits: Limits,
    sockets: Arc<Sockets>,
    /// The protocol and host of the public URL, if there is an upstream. It is told both.
    public_url: Option<(String, String)>,
}

/// Returns the router of the public listener, for browsers and services: three stacks of layers, and the layers that all
/// of them have.
pub fn router(
    auth: Arc<Auth>,
    health: Arc<Health>,
    executor: Executor,
    issuer: Arc<Issuer>,
    forward_auth_metrics: ForwardAuthMetrics,
    sockets: Arc<Sockets>,
    config: &Config,
) -> Result<Router, ConfigError> {
    let origins = Arc::new(OriginPolicy::new(&config.browser.origins()));
    let transport = if config.browser.public_url.is_https() {
        Transport::Https
    } else {
        Transport::Http
    };
    let addresses = Arc::new(ClientAddress::new(config.server.trusted_proxies.clone()));
    let parts = forward_auth::ForwardAuthParts {
        auth: Arc::clone(&auth),
        issuer: Arc::clone(&issuer),
        addresses: Arc::clone(&addresses),
        origins: Arc::clone(&origins),
        transport,
        metrics: forward_auth_metrics,
    };
    let http = Arc::new(Http {
        auth,
        executor,
        cookie: SessionCookie::of(&config.browser),
        graphiql: config.graphiql(),
        limits: config.limits.clone(),
        sockets,
        public_url: config
            .upstream
            .as_ref()
            .map(|_| config.browser.public_url.scheme_and_host()),
    });
    let stacks = Stacks {
        graphql: graphql_stack(http, health, origins, transport, config)?,
        forward_auth: forward_auth::stack(parts, config),
        public_documents: public_documents::stack(issuer, transport),
    };
    Ok(Router::new()
        .fallback_service(stacks)
        .layer(layers::trace::layer())
        .layer(from_fn_with_state(
            Arc::clone(&addresses),
            layers::client_address::set,
        ))
        .layer(from_fn_with_state(addresses, layers::request_id::set)))
}

/// Returns the stack of GraphQL and of all paths that no other stack has.
fn graphql_stack(
    http: Arc<Http>,
    health: Arc<Health>,
    policy: Arc<OriginPolicy>,
    transport: Transport,
    config: &Config,
) -> Result<Router, ConfigError> {
    let origins = config.browser.origins();
    let mut graphql = Router::new().route("/graphql", any(graphql::endpoint::handle));
    if config.graphiql() {
        graphql = graphql.route("/graphql/assets/{name}", get(graphql::graphiql::asset));
    }
    let router = graphql
        .with_state(http)
        .merge(ops::health::public(health))
        .fallback(async || ErrorResponse::new(ErrorCode::NotFound, "There is nothing here"))
        .method_not_allowed_fallback(async || ErrorResponse::method_not_allowed("GET, HEAD"));
    // From the innermost layer to the outermost. Each layer sees the responses of all layers above it in this list.
    Ok(router
        .layer(CookieManagerLayer::new())
        .layer(layers::csrf::layer(&origins)?)
        .layer(CatchPanicLayer::custom(error_response::panicked))
        .layer(layers::cors::layer(&origins))
        .layer(from_fn_with_state(policy, layers::origin::check))
        .layer(from_fn(layers::host::check))
        .layer(from_fn(error_response::adapt))
        .layer(from_fn_with_state(transport, layers::security_headers::set)))
}

/// Returns the router of the admin listener, for operators: detailed health and metrics. Services inside may read the
/// public documents here too.
pub fn admin_router(
    auth: Arc<Auth>,
    health: Arc<Health>,
    issuer: Arc<Issuer>,
    exposition: Exposition,
    hosts: Vec<String>,
) -> Router {
    let addresses = Arc::new(ClientAddress::new(vec![]));
    ops::health::admin(health)
        .merge(ops::metrics::routes(auth, exposition))
        .merge(public_documents::routes(issuer))
        .fallback(async || ErrorResponse::new(ErrorCode::NotFound, "There is nothing here"))
        .method_not_allowed_fallback(async || ErrorResponse::method_not_allowed("GET, HEAD"))
        .layer(CatchPanicLayer::custom(error_response::panicked))
        .layer(from_fn_with_state(
            Arc::new(AdminHosts::new(hosts)),
            layers::admin_hosts::check,
        ))
        .layer(from_fn(layers::host::check))
        .layer(from_fn(error_response::adapt))
        .layer(from_fn_with_state(
            Transport::Http,
            layers::security_headers::set,
        ))
        .layer(layers::trace::layer())
        .layer(from_fn_with_state(
            Arc::clone(&addresses),
            layers::client_address::set,
        ))
        .layer(from_fn_with_state(addresses, layers::request_id::set))
}

/// Returns the request's path if it is short enough for the log. Of a forward-auth request, it returns the policy's segment
/// only: the rest may be the path of the original request, which may contain secrets of the application.
fn short_path<B>(request: &Request<B>) -> &str {
    let path = request.uri().path();
    let path = forward_auth::policy_segment(path).map_or(path, |segment| &path[..=segment.len()]);
    path.get(..path.len().min(128)).unwrap_or("…")
}
