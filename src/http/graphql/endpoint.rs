//! The GraphQL endpoint: one handler that checks a request in a fixed order, the cheapest check first.
//!
//! The order is: origin (in `origin`), method, content type, Accept, size, JSON, the guard. Then the operation runs.
//! The library's own extractor is not used: it reads any content type as JSON, runs mutations by GET and reads bodies
//! without a limit.

use std::sync::Arc;

use async_graphql_axum::GraphQLResponse;
use axum::{
    Extension, Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use tower_cookies::Cookies;

use super::{
    body, graphiql,
    media_type::{self, ResponseType},
};
use crate::{
    domain::client::UserAgent,
    graphql::{
        context::RequestContext,
        error_code::ErrorCode,
        execute::{Execution, Mutations, code_of},
        guard::OperationRequest,
    },
    http::{
        ErrorResponse, Http,
        error_response::{errors_body, unavailable},
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
    let (request, headers, response_type, mutations) = match *request.method() {
        Method::GET | Method::HEAD => {
            let uri = request.uri();
            if http.graphiql && uri.query().is_none() && media_type::wants_page(request.headers()) {
                return graphiql::page(http.auth.entropy()).map_err(|error| {
                    tracing::error!(%error, "internal error");
                    ErrorResponse::new(ErrorCode::InternalServerError, "Internal server error")
                });
            }
            let response_type = ResponseType::choose(request.headers())?;
            if uri
                .query()
                .is_some_and(|query| query.len() > http.limits.body)
            {
                return Err(ErrorResponse::new(
                    ErrorCode::PayloadTooLarge,
                    "The request is too large",
                ));
            }
            let parts = body::from_query(uri)?;
            (
                parts,
                request.into_parts().0.headers,
                response_type,
                Mutations::Refused,
            )
        }
        Method::POST => {
            media_type::check_body(request.headers())?;
            let response_type = ResponseType::choose(request.headers())?;
            let (head, content) = request.into_parts();
            let bytes = body::read(
                &head.headers,
                content,
                http.limits.body,
                http.limits.body_time,
            )
            .await?;
            (
                body::from_json(&bytes)?,
                head.headers,
                response_type,
                Mutations::Allowed,
            )
        }
        _ => return Err(ErrorResponse::method_not_allowed("GET, HEAD, POST")),
    };

    let token = http.cookie.read(&headers);
    let context = Arc::new(RequestContext::new(
        Arc::clone(&http.auth),
        token.as_ref(),
        http.cookie.read_device(&headers),
        source.0,
        user_agent(&headers),
    ));
    run(
        &http,
        request,
        response_type,
        mutations,
        &context,
        &id,
        &cookies,
    )
    .await
}

fn user_agent(headers: &HeaderMap) -> Option<UserAgent> {
    let value = headers.get(header::USER_AGENT)?;
    UserAgent::parse(&String::from_utf8_lossy(value.as_bytes()))
}

async fn run(
    http: &Http,
    request: OperationRequest,
    response_type: ResponseType,
    mutations: Mutations,
    context: &Arc<RequestContext>,
    id: &RequestId,
    cookies: &Cookies,
) -> Result<Response, ErrorResponse> {
    let execution = http
        .executor
        .run(request, mutations, Arc::clone(context))
        .await;
    let mut response = match execution {
        Execution::MutationNotAllowed => return Err(ErrorResponse::method_not_allowed("POST")),
        Execution::Failed(code, errors) => {
            // Committed changes stay. If a field after a login failed, the new session exists and the old token is
            // invalid, so the browser needs the new cookie.
            if let Some(change) = context.cookie_change() {
                http.cookie.write(cookies, &change);
            }
            return Ok(unavailable(code, errors));
        }
        Execution::Refused(errors) => {
            // Logs only the code: a message may contain the client's input.
            let code = errors.first().and_then(code_of);
            tracing::info!(code, "operation refused");
            let mut body = errors_body(&errors);
            if let Some(identity) = context.identity().await {
                body["extensions"] = json!({ "identity": identity });
            }
            let status = match response_type {
                ResponseType::GraphqlResponse => StatusCode::BAD_REQUEST,
                ResponseType::Json => StatusCode::OK,
            };
            (status, Json(body)).into_response()
        }
        Execution::Executed(mut response) => {
            for error in &mut response.errors {
                if code_of(error) == Some(ErrorCode::InternalServerError.as_str()) {
                    let extensions = error.extensions.get_or_insert_default();
                    extensions.set("requestId", id.0.as_str());
                }
            }
            if let Some(identity) = context.identity().await {
                response
                    .extensions
                    .insert("identity".to_owned(), identity.into());
            }
            if let Some(change) = context.cookie_change() {
                http.cookie.write(cookies, &change);
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
