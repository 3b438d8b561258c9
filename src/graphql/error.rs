//! The masked form in which a failure reaches a client.

use async_graphql::{Error, ErrorExtensions};

use super::error_code::ErrorCode;
use crate::auth::Failure;

/// A failure on its way to the client.
///
/// It has no `Display` on purpose: async-graphql makes every `Display` error a client message through `?`, and a
/// driver's words or a path would go with it. Resolvers return this type and nothing else.
pub enum ResolverError {
    /// A feature gave no answer.
    Failure(Failure),
    /// An argument is wrong in a way that its type does not tell; ours are the words.
    Input(&'static str),
}

impl From<Failure> for ResolverError {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<ResolverError> for Error {
    fn from(fault: ResolverError) -> Self {
        let (code, message) = match &fault {
            ResolverError::Input(message) => (ErrorCode::BadUserInput, *message),
            ResolverError::Failure(failure) => told(failure),
        };
        Error::new(message).extend_with(|_, extensions| extensions.set("code", code.as_str()))
    }
}

/// Logs a failure once, under the request's span; what a client may know of it.
fn told(failure: &Failure) -> (ErrorCode, &'static str) {
    match failure {
        Failure::Busy => {
            tracing::warn!("the hash queue is full");
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
            tracing::info!("refused: not theirs to do");
            (ErrorCode::Forbidden, "You may not do this")
        }
        Failure::Internal(error) => {
            tracing::error!(%error, "internal error");
            (ErrorCode::InternalServerError, "Internal server error")
        }
    }
}
