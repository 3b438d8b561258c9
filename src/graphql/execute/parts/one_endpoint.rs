//! The upstream as an operation sees it: who may use it, and how it is asked.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use async_graphql::ServerError;
use chrono::TimeDelta;
use hyper::{body::Bytes, header::HeaderValue};
use secrecy::SecretString;
use serde_json::value::RawValue;

use super::{
    super::error::{error, failure},
    envelope::Envelope,
    upstream_answer::UpstreamAnswer,
};
use crate::{
    auth::{Failure, session::authenticate::Authenticated},
    config::{limits::Limits, upstream::UpstreamConfig},
    graphql::{
        context::RequestContext,
        error_code::ErrorCode,
        guard::{OperationRequest, UpstreamRules},
        schema_view::CurrentView,
    },
    identity::Issuer,
    upstream::{
        ForwardedFor, MergeSlot, SocketRequest, Upstream, UpstreamError, UpstreamRequest,
        UpstreamResponse, UpstreamSocket,
    },
};

/// What a response to an operation that runs in parts, or that has no `@defer`, may be.
const JSON: HeaderValue = HeaderValue::from_static(
    "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8; q=0.9",
);

/// What is wrong with an answer that has another form.
pub const NOT_AN_ANSWER: UpstreamError =
    UpstreamError::NotGraphql("it is not an object with data or valid errors");

/// The service behind the same endpoint.
pub struct OneEndpoint {
    client: Upstream,
    issuer: Arc<Issuer>,
    view: Arc<CurrentView>,
    config: UpstreamConfig,
    audience: String,
}

/// Why an operation may not use the upstream.
pub enum Denied {
    /// The request does not meet the requirements. Each root field gets the error.
    Refused(ErrorCode, &'static str),
    /// It cannot be decided.
    CannotDecide(ErrorCode, ServerError),
}

/// How an answer may arrive in parts, from the client's Accept header.
pub type Incremental = Option<HeaderValue>;

/// A document for the upstream.
pub struct UpstreamDocument<'d> {
    /// The text.
    pub text: &'d str,
    /// The operation's name.
    pub name: Option<&'d str>,
    /// The client's variables that it uses.
    pub variables: &'d [String],
    /// More variables.
    pub added: Vec<(&'d str, Box<RawValue>)>,
    /// Whether it is a query, which may be sent again when the connection breaks.
    pub is_query: bool,
    /// The media types of a stream, if the answer may be one.
    pub incremental: Incremental,
}

impl OneEndpoint {
    /// Connects the parts. Nothing is sent yet.
    pub fn new(
        client: Upstream,
        issuer: Arc<Issuer>,
        view: Arc<CurrentView>,
        config: UpstreamConfig,
        audience: String,
    ) -> Self {
        Self {
            client,
            issuer,
            view,
            config,
            audience,
        }
    }

    /// Returns the maximum bytes of an answer that is merged.
    pub fn max_merge(&self) -> usize {
        self.config.max_merge
    }

    /// Returns the guard's rules for documents.
    pub fn rules(&self, limits: &Limits, introspection: bool) -> UpstreamRules {
        let config = &self.config;
        let view = Arc::clone(&self.view);
        UpstreamRules::new(
            view,
            limits,
            introspection,
            config.max_depth,
            config.max_complexity,
        )
    }

    /// Returns the identity token of a request that may use the upstream, or `None` for a stranger who may.
    pub async fn access(
        &self,
        context: &RequestContext,
    ) -> Result<Option<Arc<SecretString>>, Denied> {
        let Some(Authenticated { user, session }) = self.check(context).await? else {
            return Ok(None);
        };
        let token = self.issuer.token(user, session, &self.audience).await;
        let token =
            token.map_err(|failed| Denied::cannot_decide(Failure::Internal(failed.into())))?;
        Ok(Some(token))
    }

    /// Returns an identity token for a socket or a subscription. It lives longer than the token of a request.
    pub async fn socket_token(
        &self,
        authenticated: Option<&Authenticated>,
    ) -> Result<Option<Arc<SecretString>>, Denied> {
        let Some(Authenticated { user, session }) = authenticated else {
            return Ok(None);
        };
        let lifetime = TimeDelta::from_std(self.config.socket_token_lifetime);
        let lifetime = lifetime.unwrap_or(TimeDelta::MAX);
        let token = self
            .issuer
            .socket_token(user, session, &self.audience, lifetime)
            .await;
        let token =
            token.map_err(|failed| Denied::cannot_decide(Failure::Internal(failed.into())))?;
        Ok(Some(Arc::new(token)))
    }

    /// Returns the user and session of a request that may use the upstream, or `None` for a stranger who may.
    pub async fn check<'c>(
        &self,
        context: &'c RequestContext,
    ) -> Result<Option<&'c Authenticated>, Denied> {
        let authenticated = context
            .authenticated()
            .await
            .map_err(Denied::cannot_decide)?;
        let Some(authenticated) = authenticated else {
            return if self.config.require.is_open() {
                Ok(None)
            } else {
                Err(Denied::Refused(
                    ErrorCode::Unauthenticated,
                    "You are not logged in",
                ))
            };
        };
        if !self.config.require.are_met_by(&authenticated.user) {
            tracing::info!(
                user = %authenticated.user.id,
                "refused: the user lacks a role that the upstream requires"
            );
            return Err(Denied::Refused(ErrorCode::Forbidden, "You may not do this"));
        }
        Ok(Some(authenticated))
    }

    /// Returns the settings.
    pub fn config(&self) -> &UpstreamConfig {
        &self.config
    }

    /// Opens a WebSocket for a client, with the parts of its `connection_init` payload that may pass.
    pub async fn open_socket(
        &self,
        context: &RequestContext,
        authenticated: Option<&Authenticated>,
        params: &HashMap<String, Box<RawValue>>,
    ) -> Result<UpstreamSocket, SocketError> {
        let token = self.socket_token(authenticated).await?;
        let client = context.client();
        let allowed = self.config.forward_connection_params.iter();
        let params = allowed.filter_map(|name| Some((name.as_str(), &**params.get(name)?)));
        let socket = self.client.open_socket(SocketRequest {
            token: token.as_deref(),
            headers: &client.headers,
            params: params.collect(),
            request_id: &client.id,
            forwarded: forwarded_for(context),
        });
        Ok(socket.await?)
    }

    /// Returns why an operation fails when it cannot be decided in time who may use the upstream.
    pub fn too_late() -> Denied {
        let code = ErrorCode::ServiceUnavailable;
        Denied::CannotDecide(code, error(code, "The operation took too long"))
    }

    /// Sends a document, and returns the head of the answer.
    pub async fn send(
        &self,
        document: UpstreamDocument<'_>,
        request: &OperationRequest,
        token: Option<&SecretString>,
        context: &RequestContext,
    ) -> Result<UpstreamResponse, UpstreamError> {
        let body = self.body(
            document.text,
            document.name,
            document.variables,
            document.added,
            request,
        )?;
        let client = context.client();
        self.client
            .send(UpstreamRequest {
                body: Bytes::from(body),
                token,
                headers: &client.headers,
                accept: document.incremental.unwrap_or(JSON),
                may_retry: document.is_query,
                request_id: &client.id,
                forwarded: forwarded_for(context),
            })
            .await
    }

    /// Returns the GraphQL request for the service, in JSON.
    pub fn body(
        &self,
        text: &str,
        name: Option<&str>,
        variables: &[String],
        added: Vec<(&str, Box<RawValue>)>,
        request: &OperationRequest,
    ) -> Result<String, UpstreamError> {
        let mut variables: BTreeMap<&str, &RawValue> = variables
            .iter()
            .filter_map(|name| Some((name.as_str(), &**request.raw.variables.get(name)?)))
            .collect();
        variables.extend(added.iter().map(|(name, value)| (*name, &**value)));
        let allowed = self.config.forward_extensions.iter();
        let extensions = allowed
            .filter_map(|name| Some((name.as_str(), &**request.raw.extensions.get(name)?)))
            .collect();
        let envelope = Envelope {
            query: text,
            operation_name: name,
            variables,
            extensions,
        };
        serde_json::to_string(&envelope).map_err(|error| UpstreamError::Request(error.to_string()))
    }

    /// Sends a document, and reads the whole answer. A large one takes a slot, if the operation has none yet.
    pub async fn ask(
        &self,
        document: UpstreamDocument<'_>,
        request: &OperationRequest,
        token: Option<&SecretString>,
        context: &RequestContext,
        slot: &mut Option<MergeSlot>,
    ) -> Result<UpstreamAnswer, UpstreamError> {
        let response = self.send(document, request, token, context).await?;
        if !response.media_type().is_json() {
            return Err(UpstreamError::NotGraphql("it is not JSON"));
        }
        let max = self.config.max_merge;
        let bytes = response.collect_to_merge(max, slot).await?;
        UpstreamAnswer::parse(&bytes).ok_or(NOT_AN_ANSWER)
    }
}

impl Denied {
    fn cannot_decide(failed: Failure) -> Self {
        let (code, error) = failure(&failed);
        Self::CannotDecide(code, error)
    }
}

/// Why a WebSocket toward the service could not be opened.
pub enum SocketError {
    /// The client may not use the service.
    Denied(Denied),
    /// The service failed.
    Upstream(UpstreamError),
}

impl From<Denied> for SocketError {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<UpstreamError> for SocketError {
    fn from(error: UpstreamError) -> Self {
        Self::Upstream(error)
    }
}

/// Returns where a client is, as far as the service may know.
fn forwarded_for(context: &RequestContext) -> Option<ForwardedFor<'_>> {
    let (proto, host) = context.client().public_url.as_ref()?;
    Some(ForwardedFor {
        address: context.source(),
        proto,
        host,
    })
}

/// Logs a failure of the upstream, and returns its error for the client, which says nothing about the service.
pub fn upstream_error(failed: &UpstreamError) -> (ErrorCode, ServerError) {
    tracing::warn!(error = %failed, "the upstream failed");
    let (code, message) = if *failed == UpstreamError::Busy {
        (
            ErrorCode::ServiceBusy,
            "The service behind this server has too many requests. Try again later",
        )
    } else if failed.is_timeout() {
        (
            ErrorCode::GatewayTimeout,
            "The service behind this server took too long",
        )
    } else {
        (
            ErrorCode::BadGateway,
            "The service behind this server cannot be reached, or did not answer correctly",
        )
    };
    (code, error(code, message))
}
