//! Errors of the operations: what a client can correct, and what failed.

use thiserror::Error as ThisError;

use crate::{
    domain::entropy::EntropyError,
    store::{InsertUserError, StoreError},
};

/// Why an operation did not succeed.
#[derive(Debug)]
pub enum Error<R> {
    /// The input was refused. The user or the client can correct each reason.
    Refused(Vec<R>),
    /// The operation failed, whatever the input was.
    Failed(Failure),
}

/// A reason to refuse an operation. The `?` operator turns it into [`Error::Refused`].
pub trait Refusal {}

/// Why an operation failed.
#[derive(Debug, ThisError)]
pub enum Failure {
    /// Too many passwords wait to be hashed, or too many requests change one throttle count.
    #[error("the service is busy: too many requests wait for the same resource")]
    Busy,
    /// The database cannot be reached.
    #[error(transparent)]
    Unavailable(StoreError),
    /// The operation needs a signed-in user.
    #[error("no live session")]
    Unauthenticated,
    /// The signed-in user may not do this.
    #[error("not allowed")]
    Forbidden,
    /// Anything else: an error of the program or of its environment.
    #[error("{0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl<R> Error<R> {
    /// Converts the reasons of a step into those of the whole operation.
    pub fn convert<S: From<R>>(self) -> Error<S> {
        match self {
            Self::Refused(reasons) => Error::Refused(reasons.into_iter().map(S::from).collect()),
            Self::Failed(failure) => Error::Failed(failure),
        }
    }

    /// Returns the error of a user that could not be written. `taken` is the reason if the username is taken.
    pub(crate) fn of_insert(error: InsertUserError, taken: R) -> Self {
        match error {
            InsertUserError::UsernameTaken => Self::Refused(vec![taken]),
            InsertUserError::Store(error) => Self::Failed(error.into()),
        }
    }
}

impl<R: Refusal> From<R> for Error<R> {
    fn from(reason: R) -> Self {
        Self::Refused(vec![reason])
    }
}

impl<R: Refusal> From<Vec<R>> for Error<R> {
    fn from(reasons: Vec<R>) -> Self {
        Self::Refused(reasons)
    }
}

impl<R> From<Failure> for Error<R> {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl<R> From<StoreError> for Error<R> {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl<R> From<EntropyError> for Error<R> {
    fn from(error: EntropyError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Conflict(_) => Self::Unavailable(error),
            StoreError::Refused(_)
            | StoreError::Denied(_)
            | StoreError::Schema(_)
            | StoreError::Unsuitable(_) => Self::Internal(error.into()),
        }
    }
}

impl From<EntropyError> for Failure {
    fn from(error: EntropyError) -> Self {
        Self::Internal(error.into())
    }
}
