//! Forward-auth: a reverse proxy asks about each request before it passes it on to an application.
//!
//! The order of the checks is: origin (403), session (401), requirement (403). The query string and the body are never
//! read.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::HttpBody,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use tower_http::catch_panic::CatchPanicLayer;

pub use super::policy::segment as policy_segment;
use super::{
    answer::{self, Undecided},
    login_redirect::LoginRedirect,
    original_request::OriginalRequest,
    policy::{Policies, Policy},
    proxy_advice::ProxyAdvice,
};
use crate::{
    auth::{Auth, session::authenticate::Authenticated},
    config::{Config, gate::OriginalMethod},
    http::{
        cookie::SessionCookie,
        layers::{
            client_address::{ClientAddress, Peer},
            cors, host,
            origin::{self, OriginPolicy},
            security_headers::{self, Transport},
            trace::LogAtDebug,
        },
    },
    identity::Issuer,
    telemetry::forward_auth_metrics::{ForwardAuthMetrics, ForwardAuthOutcome},
};

/// Timeout of a decision. A request to an unreachable database is answered within five seconds.
const TIMEOUT: Duration = Duration::from_secs(4);
/// The request headers on which every answer depends, for caches that ignore `no-store`.
const VARY: HeaderValue = HeaderValue::from_static("cookie, origin");
/// The further request headers on which the answers to browsers depend.
const VARY_BY_FETCH: HeaderValue = HeaderValue::from_static("sec-fetch-mode, sec-fetch-site");

/// The state of forward-auth.
pub struct ForwardAuth {
    auth: Arc<Auth>,
    issuer: Arc<Issuer>,
    addresses: Arc<ClientAddress>,
    cookie: SessionCookie,
    origins: Arc<OriginPolicy>,
    policies: Policies,
    login: Option<LoginRedirect>,
    audience: String,
    transport: Transport,
    advice: ProxyAdvice,
    metrics: ForwardAuthMetrics,
}

/// The parts that forward-auth shares with the other stacks.
pub struct ForwardAuthParts {
    /// The sessions.
    pub auth: Arc<Auth>,
    /// The identity tokens.
    pub issuer: Arc<Issuer>,
    /// The trusted proxies.
    pub addresses: Arc<ClientAddress>,
    /// The allowed origins.
    pub origins: Arc<OriginPolicy>,
    /// The protocol of the public URL.
    pub transport: Transport,
    /// Counts the answers.
    pub metrics: ForwardAuthMetrics,
}

/// Returns the stack of forward-auth. It takes every method and every path, so it is one handler without routes.
///
/// It has no CORS layer, because that would answer each preflight with 200, which lets the preflight pass. It has no CSRF
/// layer, because the request is the proxy's. Its own origin check is about the original request.
pub fn stack(parts: ForwardAuthParts, config: &Config) -> Router {
    let ForwardAuthParts {
        auth,
        issuer,
        addresses,
        origins,
        transport,
        metrics,
    } = parts;
    let login = config.gate.login_url.clone();
    let state = Arc::new(ForwardAuth {
        issuer,
        addresses,
        cookie: SessionCookie::of(&config.browser),
        origins,
        policies: Policies::new(&config.gate.forward_auth),
        login: login.map(|url| LoginRedirect::new(url, &config.browser)),
        audience: config.token.token_audience.clone(),
        transport,
        advice: ProxyAdvice::new(Arc::clone(auth.clock())),
        metrics,
        auth,
    });
    Router::new()
        .fallback(handle)
        .with_state(Arc::clone(&state))
        .layer(CatchPanicLayer::custom(answer::panicked))
        .layer(from_fn_with_state(state, finish))
}

async fn handle(State(state): State<Arc<ForwardAuth>>, request: Request) -> Response {
    if let Some(problem) = host::problem(&request) {
        return answer::forbidden(problem);
    }
    let (head, body) = request.into_parts();
    drop(body);
    match tokio::time::timeout(TIMEOUT, state.decide(&head)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(undecided)) => answer::unavailable(&undecided),
        Err(_) => answer::unavailable(&format_args!("no answer within {} s", TIMEOUT.as_secs())),
    }
}

/// Completes an answer with the headers that do not depend on the decision.
async fn finish(State(state): State<Arc<ForwardAuth>>, request: Request, next: Next) -> Response {
    // Nobody reads the body, so the connection cannot be used again.
    let has_body = !request.body().is_end_stream();
    let origin = state.readable_by(request.headers());
    let mut response = next.run(request).await;
    if let Some(outcome) = response.extensions().get::<ForwardAuthOutcome>() {
        state.metrics.count(*outcome);
    }
    let passes = response.status() == StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(header::VARY, VARY);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if has_body {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if passes {
        // The application's own log has the request. Refusals are only here.
        response.extensions_mut().insert(LogAtDebug);
    } else {
        // A proxy may send these answers to the browser. A 200 is for the proxy alone, and its head must stay small.
        headers.append(header::VARY, VARY_BY_FETCH);
        security_headers::add(headers, state.transport, "same-origin");
        if let Some(origin) = origin {
            cors::allow(headers, origin);
        }
    }
    response
}

impl ForwardAuth {
    /// Returns the answer to a request, or why there is no decision.
    async fn decide(&self, head: &Parts) -> Result<Response, Undecided> {
        let Some(policy) = self.policies.of(head.uri.path()) else {
            return Ok(answer::forbidden("No forward-auth policy has this path"));
        };
        let peer = head.extensions.get::<Peer>();
        let is_from_proxy = peer.is_some_and(|peer| self.addresses.trusts(*peer));
        let original = OriginalRequest::new(head, is_from_proxy, policy.method);
        if policy.passes_preflights && original.is_preflight() {
            return Ok(answer::stranger());
        }
        if !original.is_safe() && !self.origins.allows(&head.headers) {
            return Ok(self.refuse_origin(policy, &original));
        }
        let Some(authenticated) = self.authenticate(&head.headers).await? else {
            return Ok(self.without_session(policy, &original));
        };
        let require = policy.require.as_ref();
        if require.is_some_and(|require| !require.are_met_by(&authenticated.user)) {
            return Ok(answer::forbidden("The user lacks a required role"));
        }
        let Authenticated { user, session } = &authenticated;
        let token = self.issuer.token(user, session, &self.audience).await?;
        Ok(answer::passed(&authenticated, &token))
    }

    /// Returns the user and the live session of the cookie. This counts as a use of the session.
    async fn authenticate(&self, headers: &HeaderMap) -> Result<Option<Authenticated>, Undecided> {
        match self.cookie.read(headers) {
            Some(token) => Ok(self.auth.authenticate(&token.hash()).await?),
            None => Ok(None),
        }
    }

    fn without_session(&self, policy: &Policy, original: &OriginalRequest) -> Response {
        if policy.require.is_none() {
            return answer::stranger();
        }
        let redirect = || {
            let login = self.login.as_ref().filter(|_| policy.redirects)?;
            login.location(original.url())
        };
        let location = original.is_navigation().then(redirect).flatten();
        location.map_or_else(answer::unauthenticated, answer::redirect)
    }

    fn refuse_origin(&self, policy: &Policy, original: &OriginalRequest) -> Response {
        let is_unknown =
            policy.method == OriginalMethod::Forwarded && original.has_unknown_method();
        if is_unknown && original.is_link_from_another_site() {
            self.advice.log(original.is_from_proxy);
            return answer::forbidden(
                "This link from another site is not allowed, because the proxy did not name the original method",
            );
        }
        answer::forbidden(origin::message(original.headers))
    }

    /// Returns the origin whose page may read the answer, if it is allowed.
    fn readable_by(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let origin = origins
            .next()
            .filter(|origin| self.origins.contains(origin))?;
        origins.next().is_none().then(|| origin.clone())
    }
}
