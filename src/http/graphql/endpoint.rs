//! The GraphQL endpoint: one handler that checks a request in a fixed order, the cheapest check first.
//!
//! The order is: origin (in `origin`), method, content type, Accept, size, JSON, the guard. Then the operation runs.
//! The library's own extractor is not used: it reads any content type as JSON, runs mutations by GET and reads bodies
//! without a limit.

use std::sync::Arc;

use async_graphql_axum::GraphQLResponse;
use axum::{
    Extension, Json,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use tower_cookies::Cookies;

use super::{
    body::{self, Raw},
    forwarded, graphiql,
    held_body::HeldBody,
    media_type::{self, ResponseType},
    socket::{self, life::Life},
    stream::StreamLife,
};
use crate::{
    domain::client::UserAgent,
    graphql::{
        context::{ClientRequest, RequestContext},
        error_code::ErrorCode,
        execute::{ComposedAnswer, Execution, Mutations, code_of},
        guard::OperationRequest,
    },
    http::{
        ErrorResponse, Http,
        error_response::{errors_body, failed},
        layers::{client_address::ClientIp, request_id::RequestId},
    },
};

/// Handles `/graphql`.
pub(crate) async fn handle(
    State(http): State<Arc<Http>>,
    Extension(id): Extension<RequestId>,
    Extension(source): Extension<ClientIp>,
    cookies: Cookies,
    request: Request,
) -> Result<Response, ErrorResponse> {
    let raw = if http.public_url.is_some() {
        Raw::Kept
    } else {
        Raw::Dropped
    };
    let (mut request, headers, response_type, mutations) = match *request.method() {
        Method::GET | Method::HEAD => {
            if *request.method() == Method::GET && socket::is_upgrade(request.headers()) {
                let context = http.context(request.headers().clone(), id, source);
                return socket::upgrade(http, context, request).await;
            }
            let uri = request.uri();
            if http.graphiql && uri.query().is_none() && media_type::wants_page(request.headers()) {
                return graphiql::page(http.auth.entropy()).map_err(|error| {
                    tracing::error!(%error, "internal error");
                    ErrorResponse::new(ErrorCode::InternalServerError, "Internal server error")
                });
            }
            let response_type = http.response_type(request.headers())?;
            if uri
                .query()
                .is_some_and(|query| query.len() > http.limits.body)
            {
                return Err(ErrorResponse::new(
                    ErrorCode::PayloadTooLarge,
                    "The request is too large",
                ));
            }
            let parts = body::from_query(uri, raw)?;
            (
                parts,
                request.into_parts().0.headers,
                response_type,
                Mutations::Refused,
            )
        }
        Method::POST => {
            media_type::check_body(request.headers())?;
            let response_type = http.response_type(request.headers())?;
            let (head, content) = request.into_parts();
            let bytes = body::read(
                &head.headers,
                content,
                http.limits.body,
                http.limits.body_time,
            )
            .await?;
            (
                body::from_json(&bytes, raw)?,
                head.headers,
                response_type,
                Mutations::Allowed,
            )
        }
        _ => return Err(ErrorResponse::method_not_allowed("GET, HEAD, POST")),
    };

    let context = http.context(headers, id, source);
    request.accepts_events = context.client().streams.is_some();
    run(&http, request, response_type, mutations, &context, &cookies).await
}

impl Http {
    /// Returns the context of a request.
    fn context(&self, headers: HeaderMap, id: RequestId, source: ClientIp) -> Arc<RequestContext> {
        let token = self.cookie.read(&headers);
        Arc::new(RequestContext::new(
            Arc::clone(&self.auth),
            token.as_ref(),
            self.cookie.read_device(&headers),
            source.0,
            user_agent(&headers),
            ClientRequest {
                id: id.0,
                streams: media_type::streams(&headers),
                headers,
                public_url: self.public_url.clone(),
            },
        ))
    }

    /// Returns the life of a stream. Fails if there are too many.
    async fn stream_life(&self, context: &RequestContext) -> Result<StreamLife, ErrorResponse> {
        let failed = |code| ErrorResponse::new(code, "The stream cannot begin");
        let upstream = self.executor.upstream();
        let upstream = upstream.ok_or_else(|| failed(ErrorCode::InternalServerError))?;
        let authenticated = context.authenticated().await;
        let authenticated = authenticated.map_err(|_| failed(ErrorCode::ServiceUnavailable))?;
        let permit = self.sockets.admit().ok_or_else(|| {
            ErrorResponse::new(ErrorCode::ServiceBusy, "There are too many open streams")
        })?;
        let of_session = match authenticated {
            Some(authenticated) => {
                let permit = self.sockets.admit_session(authenticated.session.id);
                Some(permit.ok_or_else(|| {
                    let message = "The session has too many open streams";
                    ErrorResponse::new(ErrorCode::ServiceBusy, message)
                })?)
            }
            None => None,
        };
        let stop = self.sockets.stop().clone();
        let (token, config) = (context.token(), upstream.config());
        Ok(StreamLife {
            life: Life::new(&self.auth, authenticated, token, config, stop),
            permit: (permit, of_session),
            config: self.sockets.config().clone(),
        })
    }

    /// Chooses the response's media type. A client that accepts only a stream may get one of the upstream.
    fn response_type(&self, headers: &HeaderMap) -> Result<ResponseType, ErrorResponse> {
        let chosen = ResponseType::choose(headers);
        if self.public_url.is_some() && media_type::streams(headers).is_some() {
            return Ok(chosen.unwrap_or(ResponseType::Json));
        }
        chosen
    }
}

fn user_agent(headers: &HeaderMap) -> Option<UserAgent> {
    let value = headers.get(header::USER_AGENT)?;
    UserAgent::parse(&String::from_utf8_lossy(value.as_bytes()))
}

/// Returns the response of an operation that ran in parts. Its permission for large answers is kept until the client has taken
/// it.
fn composed(mut answer: ComposedAnswer) -> Response {
    let slot = answer.slot.take();
    match serde_json::to_vec(&answer) {
        Ok(bytes) => Body::new(HeldBody::new(bytes.into(), slot)).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written");
            let code = ErrorCode::InternalServerError;
            ErrorResponse::new(code, "Internal server error").into_response()
        }
    }
}

async fn run(
    http: &Http,
    request: OperationRequest,
    response_type: ResponseType,
    mutations: Mutations,
    context: &Arc<RequestContext>,
    cookies: &Cookies,
) -> Result<Response, ErrorResponse> {
    let execution = http
        .executor
        .run(request, mutations, Arc::clone(context))
        .await;
    // Committed changes stay. If a field after a login failed, the new session exists and the old token is invalid, so the
    // browser needs the new cookie.
    if let Some(change) = context.cookie_change() {
        http.cookie.write(cookies, &change);
    }
    let mut response = match execution {
        Execution::MutationNotAllowed => return Err(ErrorResponse::method_not_allowed("POST")),
        Execution::Failed(code, errors) => {
            let identity = match code.retry_after() {
                Some(_) => None,
                None => context.identity().await,
            };
            return Ok(failed(code, errors, identity.as_deref()));
        }
        Execution::Forwarded(answer) => {
            let identity = context.identity().await;
            let life = if answer.media_type().is_json() {
                None
            } else {
                Some(http.stream_life(context).await?)
            };
            let identity = identity.as_deref();
            return Ok(forwarded::respond(answer, response_type, identity, life).await);
        }
        Execution::Refused(errors) => {
            // Logs only the code: a message may contain the client's input.
            let code = errors.first().and_then(code_of);
            tracing::info!(code, "operation refused");
            let mut body = errors_body(&errors);
            if let Some(identity) = context.identity().await {
                body["extensions"] = json!({ "identity": identity });
            }
            (response_type.refused(), Json(body)).into_response()
        }
        Execution::Composed(mut answer) => {
            if let Some(identity) = context.identity().await {
                answer.set_extension("identity", &identity);
            }
            composed(answer)
        }
        Execution::Executed(mut response) => {
            for error in &mut response.errors {
                context.add_request_id(error);
            }
            if let Some(identity) = context.identity().await {
                response
                    .extensions
                    .insert("identity".to_owned(), identity.into());
            }
            GraphQLResponse::from(response).into_response()
        }
    };
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(response_type.content_type()),
    );
    Ok(response)
}
