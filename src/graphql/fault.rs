//! The masked form in which a failure reaches a client.

use async_graphql::{Error, ErrorExtensions};

use super::code::ErrorCode;
use crate::auth::Failure;

/// A failure on its way to the client.
///
/// It has no `Display` on purpose: async-graphql makes every `Display` error a client message through `?`, and a
/// driver's words or a path would go with it. Resolvers return this type and nothing else.
pub struct Fault(Failure);

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl From<Fault> for Error {
    /// Logs the failure once, under the request's span, and says no more than its kind.
    fn from(Fault(failure): Fault) -> Self {
        let (code, message) = match &failure {
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
            Failure::Internal(error) => {
                tracing::error!(%error, "internal error");
                (ErrorCode::InternalServerError, "Internal server error")
            }
        };
        Error::new(message).extend_with(|_, extensions| extensions.set("code", code.as_str()))
    }
}
