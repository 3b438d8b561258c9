//! CSRF protection by tower-http's layer, with the same origins as CORS. It is a second check after `origin`.

use tower_http::csrf::{ConfigError, CsrfLayer, ProtectionError};

use crate::{config::values::origin::Origin, graphql::error_code::ErrorCode, http::ErrorResponse};
use axum::response::{IntoResponse, Response};

type Reject = fn(ProtectionError) -> Response;

/// Returns the layer. It refuses a request with an unsafe method from a page whose origin is not allowed.
pub fn layer(origins: &[Origin]) -> Result<CsrfLayer<Reject>, ConfigError> {
    let mut layer = CsrfLayer::new();
    for origin in origins {
        layer = layer.add_trusted_origin(origin.as_str())?;
    }
    Ok(layer.with_rejection_response(reject))
}

fn reject(_: ProtectionError) -> Response {
    ErrorResponse::new(ErrorCode::Forbidden, "This origin is not allowed").into_response()
}
