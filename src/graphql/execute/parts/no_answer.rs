//! Why the upstream's part of an operation has no answer.

use async_graphql::{PathSegment, Pos, ServerError};

use super::{
    super::error::error,
    one_endpoint::{Denied, upstream_error},
};
use crate::{
    graphql::{error_code::ErrorCode, guard::IncludedRoot},
    upstream::UpstreamError,
};

/// Why a part of the upstream has no answer.
pub enum NoAnswer {
    /// The request may not use the upstream.
    Denied(ErrorCode, &'static str),
    /// The upstream failed.
    Failed(ErrorCode, ServerError),
    /// The whole operation cannot be answered.
    CannotDecide(ErrorCode, ServerError),
}

impl From<UpstreamError> for NoAnswer {
    fn from(failed: UpstreamError) -> Self {
        let (code, error) = upstream_error(&failed);
        Self::Failed(code, error)
    }
}

impl From<Denied> for NoAnswer {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Refused(code, message) => Self::Denied(code, message),
            Denied::CannotDecide(code, error) => Self::CannotDecide(code, error),
        }
    }
}

impl NoAnswer {
    /// Returns the error of one field.
    pub fn at(&self, path: Vec<PathSegment>, positions: Vec<Pos>) -> ServerError {
        let mut error = match self {
            Self::Denied(code, message) => error(*code, *message),
            Self::Failed(_, error) | Self::CannotDecide(_, error) => error.clone(),
        };
        error.path = path;
        error.locations = positions;
        error
    }

    /// Returns the error of a root field.
    pub fn at_root(&self, root: &IncludedRoot) -> ServerError {
        let path = vec![PathSegment::Field(root.key.clone())];
        self.at(path, root.positions.clone())
    }
}
