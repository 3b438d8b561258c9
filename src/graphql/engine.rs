//! Runs an operation: guard, validation, execution; and tells what was refused from what was executed.

use std::sync::Arc;

use async_graphql::{Request, Response, ServerError, Value, parser};

use super::{
    Schema,
    code::ErrorCode,
    guard::{Guard, OperationRequest, Refusal},
    schema, sdl,
    visitor::Visitor,
};
use crate::config::limits::Limits;

/// Bytes of an error's message, at most.
const MOST_MESSAGE: usize = 256;

/// The schema behind its guard.
pub struct Engine {
    schema: Schema,
    guard: Guard,
    limits: Limits,
    introspection: bool,
}

/// How an operation ended.
pub enum Outcome {
    /// It did not run: the document, or its variables, are wrong.
    Refused(Vec<ServerError>),
    /// It is a mutation where only queries may run.
    MutationNotAllowed,
    /// It ran. Errors have codes, and are masked.
    Executed(Response),
    /// It ran, and nothing of what it found can be given.
    Failed(ErrorCode, Vec<ServerError>),
}

impl Engine {
    /// The schema, with its limits.
    pub fn new(limits: Limits, introspection: bool) -> Result<Self, parser::Error> {
        Ok(Self {
            guard: Guard::new(limits.clone(), introspection, &sdl())?,
            schema: schema(introspection),
            limits,
            introspection,
        })
    }

    /// Runs an operation for a visitor.
    pub async fn run(
        &self,
        request: OperationRequest,
        mutations: Mutations,
        visitor: Arc<Visitor>,
    ) -> Outcome {
        let admitted = match self.guard.admit(&request) {
            Ok(admitted) => admitted,
            Err(refusal) => return Outcome::Refused(vec![self.tell(refusal)]),
        };
        if admitted.mutation && mutations == Mutations::Refused {
            return Outcome::MutationNotAllowed;
        }
        let mut run = Request::new(request.query)
            .variables(request.variables)
            .data(visitor);
        run.operation_name = request.operation_name;
        run.set_parsed_query(admitted.document);

        let execution = self.schema.execute(run);
        let Ok(response) = tokio::time::timeout(self.limits.time, execution).await else {
            tracing::error!("an operation ran out of time");
            let code = ErrorCode::ServiceUnavailable;
            return Outcome::Failed(code, vec![error(code, "The operation took too long")]);
        };
        self.judge(response)
    }

    /// Tells refused from executed, and gives every error a code.
    fn judge(&self, mut response: Response) -> Outcome {
        // Validation speaks before anything runs: it alone has no path.
        if !response.errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty())
        {
            return Outcome::Refused(self.invalid(response.errors));
        }
        let mut late = false;
        for error in &mut response.errors {
            if code_of(error).is_none() {
                recode(error);
                late = true;
            }
        }
        // Nothing is given, for a reason that validation could have found: it was found late, that is all.
        if late && response.data == Value::Null {
            return Outcome::Refused(response.errors);
        }
        response.errors.truncate(self.limits.errors);
        // Half an answer would look like a whole one: none is given.
        for code in [ErrorCode::ServiceBusy, ErrorCode::ServiceUnavailable] {
            let failed = |error: &ServerError| code_of(error) == Some(code.as_str());
            if response.errors.iter().any(failed) {
                response.errors.retain(failed);
                return Outcome::Failed(code, response.errors);
            }
        }
        Outcome::Executed(response)
    }

    /// A refusal of the guard. Where the schema is not told, neither is which of its fields a variable lacks.
    fn tell(&self, mut refusal: Refusal) -> ServerError {
        if refusal.code == ErrorCode::BadUserInput && !self.introspection {
            refusal.message = "The variables do not fit the operation".to_owned();
        }
        refusal.into()
    }

    /// The errors of validation, with their code. Where the schema is not told, neither are its names.
    fn invalid(&self, mut errors: Vec<ServerError>) -> Vec<ServerError> {
        if !self.introspection {
            let message = "The document does not fit the schema";
            return vec![error(ErrorCode::ValidationFailed, message)];
        }
        errors.truncate(self.limits.errors);
        for error in &mut errors {
            shorten(&mut error.message);
            set_code(error, ErrorCode::ValidationFailed);
        }
        errors
    }
}

/// Whether mutations may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutations {
    /// They may.
    Allowed,
    /// They may not: the request came by GET.
    Refused,
}

/// An error with a code.
pub fn error(code: ErrorCode, message: impl Into<String>) -> ServerError {
    let mut error = ServerError::new(message, None);
    set_code(&mut error, code);
    error
}

/// Cuts a message that repeats long names of the client's.
fn shorten(message: &mut String) {
    if message.len() > MOST_MESSAGE {
        message.truncate(message.floor_char_boundary(MOST_MESSAGE));
        message.push('…');
    }
}

fn set_code(error: &mut ServerError, code: ErrorCode) {
    error
        .extensions
        .get_or_insert_default()
        .set("code", code.as_str());
}

/// The code of an error, if it has one.
pub fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref().and_then(|all| all.get("code")) {
        Some(Value::String(code)) => Some(code),
        _ => None,
    }
}

/// Gives a code to what the library says by itself. Every failure of ours has one: what has none is an argument that
/// does not fit its type, found late. The library quotes the value, which may be a password: its words go nowhere.
fn recode(error: &mut ServerError) {
    error.message = "An argument does not fit its type".to_owned();
    error.extensions = None;
    set_code(error, ErrorCode::BadUserInput);
}

impl From<Refusal> for ServerError {
    fn from(refusal: Refusal) -> Self {
        let mut error = error(refusal.code, refusal.message);
        error.locations = refusal.position.into_iter().collect();
        error
    }
}
