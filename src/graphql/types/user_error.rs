//! User errors: problems that the user can correct, returned as data with the input field that is wrong.

use crate::{
    auth::{
        Error, admin::actor::AdminRefusal, signin::password::PasswordRefusal,
        throttle::reservation::Throttled,
    },
    graphql::error::ResolverError,
};

/// The content of a user error, before it becomes the type of one mutation.
pub struct UserErrorContent<C> {
    /// What is wrong, for programs.
    pub code: C,
    /// What is wrong, for users.
    pub message: String,
    /// The path of the wrong field in the input; `None` when it is not a single field.
    pub field: Option<Vec<String>>,
    /// Seconds to wait before the next attempt; `None` when waiting does not help.
    pub retry_after: Option<u32>,
}

impl<C> UserErrorContent<C> {
    /// An error of the whole input.
    pub fn new(code: C, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: None,
            retry_after: None,
        }
    }

    /// An error of one field of the input.
    pub fn at(field: &str, code: C, message: impl Into<String>) -> Self {
        Self {
            field: Some(vec![field.to_owned()]),
            ..Self::new(code, message)
        }
    }

    /// The last password check is too old for this mutation.
    pub fn reauthentication_required(code: C) -> Self {
        Self::new(code, "Please confirm your password first")
    }

    /// An administrator may not make this change now.
    pub fn admin(refusal: AdminRefusal, not_found: C, reauthenticate: C) -> Self {
        match refusal {
            AdminRefusal::NotFound => Self::at("id", not_found, "There is no such user"),
            AdminRefusal::ReauthenticationRequired => {
                Self::reauthentication_required(reauthenticate)
            }
        }
    }

    /// The change would leave no administrator.
    pub fn last_admin(code: C) -> Self {
        Self::new(code, "At least one administrator must be left")
    }

    /// The current password in `field` was refused.
    pub fn password(refusal: PasswordRefusal, field: &str, invalid: C, throttled: C) -> Self {
        match refusal {
            PasswordRefusal::InvalidCredentials => Self::at(field, invalid, "Password incorrect"),
            PasswordRefusal::Throttled(wait) => Self::throttled(throttled, wait),
        }
    }

    /// Too many attempts.
    pub fn throttled(code: C, throttled: Throttled) -> Self {
        Self {
            retry_after: Some(throttled.retry_after()),
            ..Self::new(code, "Too many attempts, try again later")
        }
    }
}

/// A mutation's payload: its result, or the user errors.
pub trait Payload {
    /// The codes of its user errors.
    type Code;

    /// Returns the payload of a refused mutation: only the errors.
    fn refused(errors: Vec<UserErrorContent<Self::Code>>) -> Self;
}

/// Turns the result of an operation into a payload. `done` makes the payload on success.
pub fn payload<T, R, P: Payload>(
    result: Result<T, Error<R>>,
    done: impl FnOnce(T) -> P,
) -> Result<P, ResolverError>
where
    R: Into<UserErrorContent<P::Code>>,
{
    match result {
        Ok(value) => Ok(done(value)),
        Err(Error::Refused(reasons)) => Ok(refused(reasons)),
        Err(Error::Failed(failure)) => Err(failure.into()),
    }
}

/// Turns the reasons of a refusal into a payload.
pub fn refused<R: Into<UserErrorContent<P::Code>>, P: Payload>(reasons: Vec<R>) -> P {
    P::refused(reasons.into_iter().map(Into::into).collect())
}

/// Defines the GraphQL type of a mutation's user errors and implements the mutation's payload with it.
macro_rules! user_error {
    ($error:ident, $code:ident, $payload:ident) => {
        /// What must be corrected before the mutation can succeed.
        #[derive(async_graphql::SimpleObject)]
        pub struct $error {
            /// What is wrong, for programs.
            pub code: $code,
            /// What is wrong, for users. Frontends can show it.
            pub message: String,
            /// The path of the wrong field in the input. Null when it is not a single field.
            pub field: Option<Vec<String>>,
            /// Seconds to wait before the next attempt. Null when waiting does not help.
            pub retry_after: Option<u32>,
        }

        impl $crate::graphql::types::user_error::Payload for $payload {
            type Code = $code;

            fn refused(
                errors: Vec<$crate::graphql::types::user_error::UserErrorContent<$code>>,
            ) -> Self {
                let typed = errors.into_iter().map(|error| $error {
                    code: error.code,
                    message: error.message,
                    field: error.field,
                    retry_after: error.retry_after,
                });
                Self {
                    user_errors: typed.collect(),
                    ..Default::default()
                }
            }
        }
    };
}

pub(in crate::graphql) use user_error;
