//! The codes in `errors[].extensions.code`, for wrong requests and failures of the server.

/// An error code for clients. Codes are added, but never removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// The document is not valid GraphQL syntax.
    ParseFailed,
    /// The document does not fit the schema, or has more than one credential field.
    ValidationFailed,
    /// A variable or an argument has a wrong value.
    BadUserInput,
    /// The request is not a GraphQL request.
    BadRequest,
    /// The operation exceeds a limit of the guard.
    OperationTooComplex,
    /// The persisted query is not cached. The client must send its text.
    PersistedQueryNotFound,
    /// Only trusted documents may run, and this is not one of them.
    DocumentNotTrusted,
    /// The path does not exist.
    NotFound,
    /// The field needs a valid session.
    Unauthenticated,
    /// The origin is not allowed, or the user may not do this.
    Forbidden,
    /// The HTTP method is not allowed.
    MethodNotAllowed,
    /// The server supports none of the media types that the client accepts.
    NotAcceptable,
    /// The request took too long to arrive.
    RequestTimeout,
    /// The request is too large.
    PayloadTooLarge,
    /// The body's media type is not supported.
    UnsupportedMediaType,
    /// Too many passwords are waiting to be hashed.
    ServiceBusy,
    /// The database cannot be reached, or took too long.
    ServiceUnavailable,
    /// The service behind the gate did not answer, or not with GraphQL.
    BadGateway,
    /// The service behind the gate took too long.
    GatewayTimeout,
    /// A failure of the server. The log has the details under the request's id.
    InternalServerError,
}

impl ErrorCode {
    /// Returns the code as clients see it.
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
            Self::BadGateway => "BAD_GATEWAY",
            Self::GatewayTimeout => "GATEWAY_TIMEOUT",
            Self::InternalServerError => "INTERNAL_SERVER_ERROR",
        }
    }

    /// Returns the seconds until a client may retry, or `None` if a retry does not help.
    pub const fn retry_after(self) -> Option<u32> {
        match self {
            Self::ServiceBusy => Some(2),
            Self::ServiceUnavailable => Some(5),
            _ => None,
        }
    }
}
