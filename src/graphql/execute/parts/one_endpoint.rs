//! The upstream as an operation sees it: who may use it, and how it is asked.

use std::sync::Arc;

use async_graphql::ServerError;
use hyper::{body::Bytes, header::HeaderValue};
use secrecy::SecretString;
use serde_json::value::RawValue;

use super::{
    super::error::{error, failure},
    envelope::Envelope,
    upstream_answer::UpstreamAnswer,
};
use crate::{
    auth::Failure,
    config::{limits::Limits, upstream::UpstreamConfig},
    graphql::{
        context::RequestContext,
        error_code::ErrorCode,
        guard::{OperationRequest, UpstreamRules},
        schema_view::CurrentView,
    },
    identity::Issuer,
    upstream::{
        ForwardedFor, MergeSlot, Upstream, UpstreamError, UpstreamRequest, UpstreamResponse,
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
        let cannot_decide = |failed: Failure| {
            let (code, error) = failure(&failed);
            Denied::CannotDecide(code, error)
        };
        let authenticated = context.authenticated().await.map_err(cannot_decide)?;
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
        let (user, session) = (&authenticated.user, &authenticated.session);
        if !self.config.require.are_met_by(user) {
            tracing::info!(user = %user.id, "refused: the user lacks a role that the upstream requires");
            return Err(Denied::Refused(ErrorCode::Forbidden, "You may not do this"));
        }
        let token = self.issuer.token(user, session, &self.audience).await;
        let token = token.map_err(|failed| cannot_decide(Failure::Internal(failed.into())))?;
        Ok(Some(token))
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
        let mut variables: std::collections::BTreeMap<&str, &RawValue> = document
            .variables
            .iter()
            .filter_map(|name| Some((name.as_str(), &**request.raw.variables.get(name)?)))
            .collect();
        variables.extend(document.added.iter().map(|(name, value)| (*name, &**value)));
        let allowed = self.config.forward_extensions.iter();
        let extensions = allowed
            .filter_map(|name| Some((name.as_str(), &**request.raw.extensions.get(name)?)))
            .collect();
        let envelope = Envelope {
            query: document.text,
            operation_name: document.name,
            variables,
            extensions,
        };
        let body = serde_json::to_vec(&envelope)
            .map_err(|error| UpstreamError::Request(error.to_string()))?;
        let client = context.client();
        self.client
            .send(UpstreamRequest {
                body: Bytes::from(body),
                token,
                headers: &client.headers,
                accept: document.incremental.unwrap_or(JSON),
                may_retry: document.is_query,
                request_id: &client.id,
                forwarded: client
                    .public_url
                    .as_ref()
                    .map(|(proto, host)| ForwardedFor {
                        address: context.source(),
                        proto,
                        host,
                    }),
            })
            .await
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
