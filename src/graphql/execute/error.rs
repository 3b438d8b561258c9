//! Errors of a result, and their codes.

use async_graphql::{ServerError, Value};

use crate::{
    auth::Failure,
    graphql::{error::client_message, error_code::ErrorCode, guard::GuardError},
};

/// Creates an error with a code.
pub fn error(code: ErrorCode, message: impl Into<String>) -> ServerError {
    let mut error = ServerError::new(message, None);
    set_code(&mut error, code);
    error
}

fn set_code(error: &mut ServerError, code: ErrorCode) {
    error
        .extensions
        .get_or_insert_default()
        .set("code", code.as_str());
}

/// Returns the code of an error, if it has one.
pub fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref().and_then(|all| all.get("code")) {
        Some(Value::String(code)) => Some(code),
        _ => None,
    }
}

/// Replaces an error of async-graphql itself. Gatelodge's own errors have a code. An error without one is an argument
/// that does not fit its type. Its message quotes the value, which may be a password, so it is dropped.
pub fn recode(error: &mut ServerError) {
    error.message = "An argument does not fit its type".to_owned();
    error.extensions = None;
    set_code(error, ErrorCode::BadUserInput);
}

impl From<GuardError> for ServerError {
    fn from(refusal: GuardError) -> Self {
        let mut error = error(refusal.code, refusal.message);
        error.locations = refusal.position.into_iter().collect();
        error
    }
}

/// Logs a failure, and returns its code and its error for the client.
pub fn failure(failed: &Failure) -> (ErrorCode, ServerError) {
    let (code, message) = client_message(failed);
    (code, error(code, message))
}
