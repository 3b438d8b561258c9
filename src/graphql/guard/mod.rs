//! Parses a document once, and decides whether it may run.
//!
//! Trusted and cached documents were checked before (`trusted`, `cache`). For all others, tokens and brackets are
//! counted (`tokens`, `grammar`). Then the document is parsed, its cost is measured with fragments expanded (`measure`,
//! `cost`), and it is validated against the published schema (`validation`, `values`). The root fields of mutations are
//! checked (`roots`). The parsed document is what runs afterwards (`graphql/execute`): no other parser sees the text.

use std::sync::Arc;

use apollo_compiler::{
    ExecutableDocument, Node, Schema,
    diagnostic::ToCliReport,
    executable::Operation,
    parser::{Parser, SourceSpan},
    validation::Valid,
};
use async_graphql::Pos;
use serde_json::{Map, Value};

mod cache;
mod cost;
mod grammar;
mod measure;
mod position;
mod roots;
mod tokens;
mod trusted;
mod validation;
mod values;

use self::{
    cache::DocumentCache,
    cost::Rules,
    measure::Measure,
    tokens::{Tokens, syntax_error},
    trusted::TrustedDocuments,
};
pub use self::{position::Lines, trusted::ManifestError};
use super::error_code::ErrorCode;
use crate::{
    config::{documents::DocumentsConfig, limits::Limits},
    telemetry::document_metrics::DocumentMetrics,
};

/// Decides which operations run.
pub struct Guard {
    limits: Limits,
    introspection: bool,
    schema: Arc<Valid<Schema>>,
    rules: Rules,
    cache: Option<DocumentCache>,
    trusted: Option<TrustedDocuments>,
    metrics: DocumentMetrics,
}

/// A request as it was received, not yet checked.
#[derive(Default)]
pub struct OperationRequest {
    /// The document's text; `None` if the client sent only its id.
    pub query: Option<String>,
    /// The document's id in the form of [`normal_id`]: its SHA-256, which matches the text if there is one, or the id
    /// of a trusted document.
    pub document_id: Option<String>,
    /// The name of the operation to run.
    pub operation_name: Option<String>,
    /// The variables' values.
    pub variables: Map<String, Value>,
}

/// A document that passed the guard.
pub struct Document {
    /// The document, with the types of its fields.
    pub executable: Valid<ExecutableDocument>,
    /// Its text.
    pub text: Arc<str>,
    /// The number of its tokens.
    tokens: usize,
    /// Whether it may hold a password. Then it must not be cached.
    holds_secret: bool,
}

/// An operation that may run.
pub struct Admitted {
    /// Its document.
    pub document: Arc<Document>,
    /// The operation.
    pub operation: Node<Operation>,
}

/// Why an operation may not run.
#[derive(Debug)]
pub struct GuardError {
    /// What is wrong, for programs.
    pub code: ErrorCode,
    /// What is wrong, for developers. It never repeats a value from the client.
    pub message: String,
    /// The position in the document as a byte offset.
    offset: Option<usize>,
    /// The position in the document as line and column.
    pub position: Option<Pos>,
}

impl GuardError {
    /// Creates an error without a position.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            offset: None,
            position: None,
        }
    }

    fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::ValidationFailed, message)
    }

    /// Returns the error of a persisted query that is not cached. Clients know this message and send the text again.
    fn persisted_query_not_found() -> Self {
        Self::new(ErrorCode::PersistedQueryNotFound, "PersistedQueryNotFound")
    }

    /// Returns the validation error if introspection is off: it must not reveal names and types of the schema.
    fn masked_invalid() -> Self {
        Self::invalid("The document does not fit the schema")
    }

    fn too_many(what: &str, max: usize) -> Self {
        Self::new(
            ErrorCode::OperationTooComplex,
            format!("The operation has too many {what}: at most {max} are allowed"),
        )
    }

    /// Sets the position, unless a more specific one is already set.
    #[must_use]
    pub fn at(mut self, location: Option<SourceSpan>) -> Self {
        let offset = location.map(|span| span.offset());
        self.offset = self.offset.or(offset);
        self
    }

    /// Finds line and column in the document's text.
    #[must_use]
    pub fn locate(mut self, text: &str) -> Self {
        if let Some(offset) = self.offset {
            self.position = Some(Lines::of(text).position(offset));
        }
        self
    }
}

impl Guard {
    /// Creates a guard for a schema, without cached and trusted documents.
    pub fn new(limits: Limits, introspection: bool, schema: Arc<Valid<Schema>>) -> Self {
        Self {
            rules: Rules::new(limits.clone(), introspection, &schema),
            limits,
            introspection,
            schema,
            cache: None,
            trusted: None,
            metrics: DocumentMetrics::default(),
        }
    }

    /// Adds the document cache and the trusted documents of the settings.
    pub fn with_documents(
        mut self,
        config: &DocumentsConfig,
        metrics: DocumentMetrics,
    ) -> Result<Self, ManifestError> {
        self.metrics = metrics;
        if config.document_cache > 0 {
            self.cache = Some(DocumentCache::new(config.document_cache));
        }
        if !config.trusted_documents.is_empty() {
            self.trusted = Some(TrustedDocuments::read(&config.trusted_documents, &self)?);
        }
        Ok(self)
    }

    /// Admits an operation, or returns what is wrong with it.
    pub fn admit(&self, request: &OperationRequest) -> Result<Admitted, Vec<GuardError>> {
        self.choose(request)
            .inspect_err(|_| self.metrics.refused.increment(1))
    }

    fn choose(&self, request: &OperationRequest) -> Result<Admitted, Vec<GuardError>> {
        let document = self.find(request)?;
        let operation = choose(&document, request.operation_name.as_deref())
            .map_err(|refusal| vec![refusal.locate(&document.text)])?;
        let operation = operation.clone();
        Ok(Admitted {
            document,
            operation,
        })
    }

    /// Finds or reads the document of a request.
    fn find(&self, request: &OperationRequest) -> Result<Arc<Document>, Vec<GuardError>> {
        if let Some(trusted) = &self.trusted {
            return self.find_trusted(trusted, request);
        }
        let id = request.document_id.as_deref();
        let Some(text) = &request.query else {
            let cached = self.cache.as_ref().zip(id);
            return cached
                .and_then(|(cache, id)| cache.by_hash(id))
                .inspect(|_| self.metrics.persisted.increment(1))
                .ok_or_else(|| vec![GuardError::persisted_query_not_found()]);
        };
        let Some(cache) = &self.cache else {
            return self.read(text);
        };
        let Some(hash) = id else {
            if let Some(document) = cache.by_text(text) {
                self.metrics.kept.increment(1);
                return Ok(document);
            }
            let document = self.read(text)?;
            cache.record(&document);
            return Ok(document);
        };
        // `http` has checked that the hash matches the text.
        if let Some(document) = cache.by_hash(hash) {
            self.metrics.persisted.increment(1);
            return Ok(document);
        }
        let document = self.read(text)?;
        cache.insert(hash, &document);
        Ok(document)
    }

    /// Finds a trusted document by its id or its text. Introspection, if it is on, may run without a manifest: GraphiQL
    /// needs it.
    fn find_trusted(
        &self,
        trusted: &TrustedDocuments,
        request: &OperationRequest,
    ) -> Result<Arc<Document>, Vec<GuardError>> {
        let found = match (&request.query, &request.document_id) {
            (Some(text), _) => trusted.by_text(text),
            (None, Some(id)) => trusted.by_id(id),
            (None, None) => None,
        };
        if let Some(document) = found {
            self.metrics.trusted.increment(1);
            return Ok(Arc::clone(document));
        }
        if self.introspection
            && let Some(text) = &request.query
            && let Ok(document) = self.read(text)
            && is_introspection(&document)
        {
            return Ok(document);
        }
        Err(vec![GuardError::new(
            ErrorCode::DocumentNotTrusted,
            "Only documents of the trusted manifests may run",
        )])
    }

    /// Parses and checks a document. The cheapest check comes first, and each check limits the work of the next.
    fn read(&self, text: &str) -> Result<Arc<Document>, Vec<GuardError>> {
        let located = |refusal: GuardError| vec![refusal.locate(text)];
        let tokens = Tokens::of(text, self.limits.tokens).map_err(located)?;
        let parseable = grammar::parseable(text, &tokens).map_err(|refusal| vec![refusal])?;
        let document = Parser::new().parse_ast(parseable, "").map_err(|failed| {
            let first = failed.errors.iter().next();
            let location = first.and_then(|error| error.error.location());
            let offset = location.map_or(0, |span| span.offset());
            vec![syntax_error(text, offset)]
        })?;
        if document.definitions.is_empty() {
            return Err(vec![syntax_error(text, text.len())]);
        }
        Measure::check(&document, &self.rules).map_err(located)?;
        match document.to_executable_validate(&self.schema) {
            Ok(executable) => {
                values::check(&self.schema, &executable).map_err(|refusal| {
                    if self.introspection {
                        located(refusal)
                    } else {
                        vec![GuardError::masked_invalid()]
                    }
                })?;
                for operation in executable.operations.iter() {
                    if operation.is_mutation() {
                        roots::check(&executable, operation).map_err(located)?;
                    }
                }
                self.metrics.read.increment(1);
                let holds_secret = executable
                    .operations
                    .iter()
                    .any(|operation| roots::holds_secret(&executable, operation));
                Ok(Arc::new(Document {
                    holds_secret,
                    executable,
                    text: text.into(),
                    tokens: tokens.all.len(),
                }))
            }
            Err(_) if !self.introspection => Err(vec![GuardError::masked_invalid()]),
            Err(invalid) => {
                let refusals = validation::refusals(&invalid.errors, self.limits.errors);
                let located = refusals.into_iter().map(|refusal| refusal.locate(text));
                Err(located.collect())
            }
        }
    }
}

/// Normalizes an id: removes the prefix `sha256:`, and writes a SHA-256 in lower case.
pub fn normal_id(id: &str) -> String {
    let id = id.strip_prefix("sha256:").unwrap_or(id);
    if is_sha256(id) {
        id.to_ascii_lowercase()
    } else {
        id.to_owned()
    }
}

/// Whether an id has the form of a SHA-256 in hexadecimal digits.
pub fn is_sha256(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a document only reads the schema: every root field is an introspection field.
fn is_introspection(document: &Document) -> bool {
    let executable = &document.executable;
    executable.operations.iter().all(|operation| {
        operation.is_query()
            && operation
                .root_fields(executable)
                .all(|field| matches!(field.name.as_str(), "__schema" | "__type" | "__typename"))
    })
}

/// Chooses the operation to run (GraphQL, section 6.1).
fn choose<'d>(
    document: &'d Document,
    name: Option<&str>,
) -> Result<&'d Node<Operation>, GuardError> {
    document.executable.operations.get(name).map_err(|_| {
        GuardError::invalid(match name {
            Some(_) => "The document has no operation with this name",
            None => "The document has several operations: choose one with operationName",
        })
    })
}
