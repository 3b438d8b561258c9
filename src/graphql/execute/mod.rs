//! Runs an operation, and distinguishes refused operations from executed ones.
//!
//! The guard admits the document. Then the variables are read (`variables`) and the fields are selected (`select`,
//! `literal`). async-graphql runs them (`library`), and its result is completed as the specification says (`complete`).

use std::sync::Arc;

use apollo_compiler::{Schema as PublishedSchema, validation::Valid};
use async_graphql::{Response, ServerError, Value};
use thiserror::Error;

mod complete;
mod library;
mod literal;
mod select;
mod variables;

use self::library::Library;
use super::{
    context::RequestContext,
    error_code::ErrorCode,
    guard::{Guard, GuardError, ManifestError, OperationRequest},
    operation_log,
    published::{InvalidSchema, published_schema},
};
use crate::{
    config::{documents::DocumentsConfig, limits::Limits},
    telemetry::document_metrics::DocumentMetrics,
};

/// Runs operations: the schema, protected by its guard.
pub struct Executor {
    schema: Arc<Valid<PublishedSchema>>,
    library: Library,
    guard: Guard,
    limits: Limits,
    introspection: bool,
}

/// The result of an operation.
pub enum Execution {
    /// It did not run: the document or its variables are wrong.
    Refused(Vec<ServerError>),
    /// It did not run: it is a mutation, and only queries may run.
    MutationNotAllowed,
    /// It ran. Its errors have codes and are masked.
    Executed(Response),
    /// It ran, but its result cannot be returned.
    Failed(ErrorCode, Vec<ServerError>),
}

impl Executor {
    /// Builds the executor with these limits.
    pub fn new(
        limits: Limits,
        documents: &DocumentsConfig,
        introspection: bool,
        metrics: DocumentMetrics,
    ) -> Result<Self, ExecutorError> {
        let schema = Arc::new(published_schema()?);
        let guard = Guard::new(limits.clone(), introspection, Arc::clone(&schema));
        Ok(Self {
            guard: guard.with_documents(documents, metrics)?,
            library: Library::new(introspection),
            schema,
            limits,
            introspection,
        })
    }

    /// Runs an operation in the context of its request.
    pub async fn run(
        &self,
        request: OperationRequest,
        mutations: Mutations,
        context: Arc<RequestContext>,
    ) -> Execution {
        let admitted = match self.guard.admit(&request) {
            Ok(admitted) => admitted,
            Err(refusals) => {
                return Execution::Refused(refusals.into_iter().map(Into::into).collect());
            }
        };
        let operation = &admitted.operation;
        let name = operation.name.as_ref();
        operation_log::record(
            operation.operation_type.name(),
            name.map(apollo_compiler::Name::as_str),
        );
        if operation.is_mutation() && mutations == Mutations::Refused {
            return Execution::MutationNotAllowed;
        }
        let document = &admitted.document;
        let fields =
            variables::coerce(&self.schema, operation, &request.variables).and_then(|variables| {
                select::select(&self.schema, &document.executable, operation, &variables)
            });
        let fields = match fields {
            Ok(fields) => fields,
            Err(refusal) => {
                return Execution::Refused(vec![self.variable_error(refusal, &document.text)]);
            }
        };
        let kind = operation.operation_type;
        let execution = self.library.run(kind, &fields, context);
        let Ok(mut response) = tokio::time::timeout(self.limits.time, execution).await else {
            tracing::error!("an operation took too long");
            let code = ErrorCode::ServiceUnavailable;
            return Execution::Failed(code, vec![error(code, "The operation took too long")]);
        };
        response.data = complete::complete(&fields, response.data, &response.errors);
        self.finish(response, &document.text)
    }

    /// Gives every error a code, and decides whether the result can be returned.
    fn finish(&self, mut response: Response, text: &str) -> Execution {
        for error in &mut response.errors {
            if code_of(error).is_none() {
                recode(error);
            }
        }
        // A partial result would look like a complete one, so none is returned.
        let code = [ErrorCode::ServiceBusy, ErrorCode::ServiceUnavailable]
            .into_iter()
            .find(|code| {
                let mut errors = response.errors.iter();
                errors.any(|error| code_of(error) == Some(code.as_str()))
            });
        if let Some(code) = code {
            let failed = |error: &ServerError| code_of(error) == Some(code.as_str());
            response.errors.retain(failed);
        }
        response.errors.truncate(self.limits.errors);
        for error in &mut response.errors {
            library::locate(error, text);
        }
        if let Some(code) = code {
            return Execution::Failed(code, response.errors);
        }
        Execution::Executed(response)
    }

    /// Returns the error of wrong variables. It names no field if introspection is off, which keeps the schema private.
    fn variable_error(&self, mut refusal: GuardError, text: &str) -> ServerError {
        if !self.introspection {
            refusal.message = "The variables do not fit the operation".to_owned();
        }
        refusal.locate(text).into()
    }
}

/// Why operations cannot run.
#[derive(Debug, Error)]
pub enum ExecutorError {
    /// The schema is not valid, which is a bug.
    #[error(transparent)]
    Schema(#[from] InvalidSchema),
    /// A manifest of trusted documents cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

/// Whether mutations may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutations {
    /// Mutations may run.
    Allowed,
    /// Mutations may not run: the request came by GET.
    Refused,
}

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
fn recode(error: &mut ServerError) {
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
