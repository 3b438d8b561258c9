//! Runs an operation, and distinguishes refused operations from executed ones.
//!
//! The guard admits the document. Then the variables are read (`variables`) and the fields are selected (`select`,
//! `literal`). async-graphql runs them (`library`), and its result is completed as the specification says (`complete`).
//! An operation with fields of the upstream runs in parts (`parts`), which are joined to one answer.

use std::{collections::HashMap, sync::Arc};

use apollo_compiler::{
    ExecutableDocument, Schema as PublishedSchema, ast::OperationType, executable::Operation,
    validation::Valid,
};
use async_graphql::{Response, ServerError};
use thiserror::Error;

mod complete;
mod error;
mod library;
mod literal;
mod over_socket;
mod parts;
pub(super) mod select;
pub(super) mod variables;

use self::{
    complete::Types,
    library::Library,
    select::{Fields, select},
    variables::coerce,
};
pub use self::{
    error::{code_of, error},
    parts::{
        ComposedAnswer, Denied, NOT_AN_ANSWER, OneEndpoint, SocketError, UpstreamAnswer,
        upstream_error,
    },
};
use super::{
    context::RequestContext,
    error_code::ErrorCode,
    guard::{Admitted, Guard, GuardError, ManifestError, OperationRequest, UpstreamRules},
    operation_log,
    published::{InvalidSchema, published_schema},
    split::JoinedField,
};
use crate::{
    config::{documents::DocumentsConfig, limits::Limits},
    telemetry::document_metrics::DocumentMetrics,
    upstream::UpstreamResponse,
};

/// Runs operations: the schema, protected by its guard.
pub struct Executor {
    schema: Arc<Valid<PublishedSchema>>,
    library: Library,
    guard: Guard,
    limits: Limits,
    introspection: bool,
    upstream: Option<OneEndpoint>,
}

/// The result of an operation.
pub enum Execution {
    /// It did not run: the document or its variables are wrong.
    Refused(Vec<ServerError>),
    /// It did not run: it is a mutation, and only queries may run.
    MutationNotAllowed,
    /// It ran. Its errors have codes and are masked.
    Executed(Response),
    /// It ran in parts.
    Composed(ComposedAnswer),
    /// The upstream runs it, and its answer follows.
    Forwarded(UpstreamResponse),
    /// It ran, but its result cannot be returned.
    Failed(ErrorCode, Vec<ServerError>),
}

/// A part that is ready to run.
struct Prepared<'d> {
    kind: OperationType,
    fields: Fields<'d>,
    text: &'d str,
    types: Types,
}

impl Executor {
    /// Builds the executor with these limits.
    pub fn new(
        limits: Limits,
        documents: &DocumentsConfig,
        introspection: bool,
        metrics: DocumentMetrics,
        upstream: Option<OneEndpoint>,
    ) -> Result<Self, ExecutorError> {
        let schema = Arc::new(published_schema()?);
        let mut guard = Guard::new(limits.clone(), introspection, Arc::clone(&schema));
        if let Some(upstream) = &upstream {
            guard = guard.with_upstream(upstream.rules(&limits, introspection));
        }
        Ok(Self {
            guard: guard.with_documents(documents, metrics)?,
            library: Library::new(introspection),
            schema,
            limits,
            introspection,
            upstream,
        })
    }

    /// Checks the manifests of trusted documents as [`Executor::new`] does.
    pub fn check_documents(
        limits: Limits,
        documents: &DocumentsConfig,
        introspection: bool,
        upstream: Option<UpstreamRules>,
    ) -> Result<(), ExecutorError> {
        let mut guard = Guard::new(limits, introspection, Arc::new(published_schema()?));
        if let Some(upstream) = upstream {
            guard = guard.with_upstream(upstream);
        }
        guard.with_documents(documents, DocumentMetrics::default())?;
        Ok(())
    }

    /// Runs an operation in the context of its request.
    pub async fn run(
        &self,
        request: OperationRequest,
        mutations: Mutations,
        context: Arc<RequestContext>,
    ) -> Execution {
        match self.guard.admit(&request) {
            Err(refusals) => Execution::Refused(refusals.into_iter().map(Into::into).collect()),
            Ok(Admitted::Own {
                document,
                operation,
            }) => {
                let name = operation.name.as_deref();
                operation_log::record(operation.operation_type.name(), name);
                if operation.is_mutation() && mutations == Mutations::Refused {
                    return Execution::MutationNotAllowed;
                }
                let Some(executable) = document.executable() else {
                    return inconsistent();
                };
                let prepared = self.prepare(
                    &self.schema,
                    executable,
                    &operation,
                    &request,
                    &document.text,
                    None,
                );
                let result = match prepared {
                    Ok(prepared) => self.execute(&prepared, &context).await,
                    Err(refusal) => return Execution::Refused(vec![refusal]),
                };
                match result {
                    Ok(response) => Execution::Executed(response),
                    Err((code, errors)) => Execution::Failed(code, errors),
                }
            }
            Ok(Admitted::Shared {
                document,
                plan,
                roots,
            }) => {
                operation_log::record(plan.kind.name(), plan.name.as_deref());
                if plan.kind == OperationType::Mutation && mutations == Mutations::Refused {
                    return Execution::MutationNotAllowed;
                }
                match &self.upstream {
                    Some(upstream) => {
                        let run = parts::Run {
                            executor: self,
                            upstream,
                            document: &document,
                            plan: &plan,
                            roots: &roots,
                            request: &request,
                            context: &context,
                        };
                        run.run().await
                    }
                    None => inconsistent(),
                }
            }
        }
    }

    /// Reads the variables and selects the fields of an operation.
    fn prepare<'d>(
        &self,
        schema: &'d PublishedSchema,
        document: &'d ExecutableDocument,
        operation: &'d Operation,
        request: &OperationRequest,
        text: &'d str,
        joined: Option<&'d HashMap<usize, JoinedField>>,
    ) -> Result<Prepared<'d>, ServerError> {
        let fields = coerce(schema, operation, &request.variables)
            .and_then(|variables| select(schema, document, operation, &variables, joined));
        Ok(Prepared {
            kind: operation.operation_type,
            fields: fields.map_err(|refusal| self.variable_error(refusal, text))?,
            text,
            types: if joined.is_some() {
                Types::Kept
            } else {
                Types::Dropped
            },
        })
    }

    /// Runs a part. Every error of the result has a code. Fails if the result cannot be returned.
    async fn execute(
        &self,
        part: &Prepared<'_>,
        context: &Arc<RequestContext>,
    ) -> Result<Response, (ErrorCode, Vec<ServerError>)> {
        let execution = self
            .library
            .run(part.kind, &part.fields, Arc::clone(context));
        let Ok(mut response) = tokio::time::timeout(self.limits.time, execution).await else {
            tracing::error!("an operation took too long");
            let code = ErrorCode::ServiceUnavailable;
            return Err((code, vec![error(code, "The operation took too long")]));
        };
        response.data =
            complete::complete(&part.fields, response.data, &response.errors, part.types);
        self.finish(response, part.text)
    }

    /// Gives every error a code, and decides whether the result can be returned.
    fn finish(
        &self,
        mut response: Response,
        text: &str,
    ) -> Result<Response, (ErrorCode, Vec<ServerError>)> {
        for error in &mut response.errors {
            if code_of(error).is_none() {
                error::recode(error);
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
        match code {
            Some(code) => Err((code, response.errors)),
            None => Ok(response),
        }
    }

    /// Returns the error of wrong variables. It names no field if introspection is off, which keeps the schema private.
    fn variable_error(&self, mut refusal: GuardError, text: &str) -> ServerError {
        if !self.introspection {
            refusal.message = "The variables do not fit the operation".to_owned();
        }
        refusal.locate(text).into()
    }
}

/// Returns the result of a document that the guard and the executor see differently, which is a bug.
fn inconsistent() -> Execution {
    tracing::error!("a document has parts, but there is no upstream");
    let code = ErrorCode::InternalServerError;
    Execution::Failed(code, vec![error(code, "Internal server error")])
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
