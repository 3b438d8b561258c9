//! Masks failures before they reach a client.

use async_graphql::{Error, ErrorExtensions};

use super::error_code::ErrorCode;
use crate::auth::Failure;

/// A failure on its way to the client.
///
/// It deliberately has no `Display`: with `?`, async-graphql turns every `Display` error into a message for clients,
/// which could expose a driver's message or a path. Resolvers return only this error type.
pub enum ResolverError {
    /// A feature of `auth` failed.
    Failure(Failure),
    /// An argument is wrong in a way that its type cannot express. The message is a constant.
    Input(&'static str),
}

impl From<Failure> for ResolverError {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<ResolverError> for Error {
    fn from(error: ResolverError) -> Self {
        let (code, message) = match &error {
            ResolverError::Input(message) => (ErrorCode::BadUserInput, *message),
            ResolverError::Failure(failure) => client_message(failure),
        };
        Error::new(message).extend_with(|_, extensions| extensions.set("code", code.as_str()))
    }
}

/// Logs a failure once, in the request's span, and returns its code and message for the client.
pub(super) fn client_message(failure: &Failure) -> (ErrorCode, &'static str) {
    match failure {
        Failure::Busy => {
            tracing::warn!(%failure, "the service is busy");
            (
                ErrorCode::ServiceBusy,
                "The service is busy, try again in a moment",
            )
        }
        Failure::Unavailable(error) => {
            tracing::error!(%error, "the database is unavailable");
            (
                ErrorCode::ServiceUnavailable,
                "The service is unavailable, try again in a moment",
            )
        }
        Failure::Unauthenticated => (ErrorCode::Unauthenticated, "You are not logged in"),
        Failure::Forbidden => {
            tracing::info!("refused: the user may not do this");
            (ErrorCode::Forbidden, "You may not do this")
        }
        Failure::Internal(error) => {
            tracing::error!(%error, "internal error");
            (ErrorCode::InternalServerError, "Internal server error")
        }
    }
}
