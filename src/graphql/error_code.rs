//! The codes in `errors[].extensions.code`: for what a program did wrong, or what broke.

/// A code that clients may act on. The list only grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// The document is no GraphQL.
    ParseFailed,
    /// The document does not fit the schema, or asks for more than one credential field.
    ValidationFailed,
    /// The variables don't fit the operation.
    BadUserInput,
    /// The request is no GraphQL request.
    BadRequest,
    /// The operation asks for more than the guard allows.
    OperationTooComplex,
    /// A persisted query is not kept here; the client sends its text.
    PersistedQueryNotFound,
    /// Only trusted documents run here, and this is none of them.
    DocumentNotTrusted,
    /// No such thing here.
    NotFound,
    /// The field needs a live session.
    Unauthenticated,
    /// The origin may run nothing here, or the person may not do this.
    Forbidden,
    /// The method is not for this.
    MethodNotAllowed,
    /// No acceptable media type can be had.
    NotAcceptable,
    /// The request took too long to arrive.
    RequestTimeout,
    /// The request is too large.
    PayloadTooLarge,
    /// The body is of a type that is not read.
    UnsupportedMediaType,
    /// Too many passwords wait to be hashed.
    ServiceBusy,
    /// The database cannot be reached, or took too long.
    ServiceUnavailable,
    /// Ours to mend; the log has more under the request's id.
    InternalServerError,
}

impl ErrorCode {
    /// The code as clients see it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::BadRequest => "BAD_REQUEST",
            Self::OperationTooComplex => "OPERATION_TOO_COMPLEX",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::DocumentNotTrusted => "DOCUMENT_NOT_TRUSTED",
            Self::NotFound => "NOT_FOUND",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::NotAcceptable => "NOT_ACCEPTABLE",
            Self::RequestTimeout => "REQUEST_TIMEOUT",
            Self::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::ServiceBusy => "SERVICE_BUSY",
            Self::ServiceUnavailable => "SERVICE_UNAVAILABLE",
            Self::InternalServerError => "INTERNAL_SERVER_ERROR",
        }
    }

    /// When a client may try again, in seconds; `None` when trying again is no use.
    pub const fn retry_after(self) -> Option<u32> {
        match self {
            Self::ServiceBusy => Some(2),
            Self::ServiceUnavailable => Some(5),
            _ => None,
        }
    }
}
