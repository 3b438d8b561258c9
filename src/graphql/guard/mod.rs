//! Reads a document once, and decides whether it may run.
//!
//! A document's way: it is one that is trusted or kept (`trusted`, `cache`), or it is read: tokens and brackets are counted
//! (`tokens`, `grammar`), it is parsed, measured with its fragments expanded (`measure`, `cost`), and validated against the published
//! schema (`validation`, `values`). The roots of mutations are checked (`roots`). The same reading is what runs afterwards
//! (`graphql/execute`): no other parser sees the text.

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

/// A request as it came, its parts not yet judged.
#[derive(Default)]
pub struct OperationRequest {
    /// The document's text; absent when the client sends its id alone.
    pub query: Option<String>,
    /// The document's id, as [`normal_id`] writes it: its SHA-256, which fits the text if there is one; or the id of a
    /// trusted document.
    pub document_id: Option<String>,
    /// Which of its operations to run.
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
    /// How many tokens it has.
    tokens: usize,
    /// Whether it may hold a password, and so must not be kept.
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
    /// What is wrong, for developers. It never repeats a value that the client sent.
    pub message: String,
    /// Where in the document: bytes from its start.
    offset: Option<usize>,
    /// Where in the document: line and column.
    pub position: Option<Pos>,
}

impl GuardError {
    /// A refusal of a whole document.
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

    /// The text of a persisted query is not kept here: the client sends it again. Clients know this message.
    fn persisted_query_not_found() -> Self {
        Self::new(ErrorCode::PersistedQueryNotFound, "PersistedQueryNotFound")
    }

    /// A refusal of validation where the schema is not published: then neither are its names and types.
    fn unfit() -> Self {
        Self::invalid("The document does not fit the schema")
    }

    fn too_many(what: &str, max: usize) -> Self {
        Self::new(
            ErrorCode::OperationTooComplex,
            format!("The operation has too many {what}: at most {max} are allowed"),
        )
    }

    /// Names the place, unless a place further inside is named already.
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
    /// A guard for a schema, without kept and trusted documents.
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

    /// The same, with kept and trusted documents as the settings say.
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

    /// Admits an operation, or says what is wrong with it.
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

    /// Finds the document that a request is about.
    fn find(&self, request: &OperationRequest) -> Result<Arc<Document>, Vec<GuardError>> {
        if let Some(trusted) = &self.trusted {
            return self.find_trusted(trusted, request);
        }
        let id = request.document_id.as_deref();
        let Some(text) = &request.query else {
            let kept = self.cache.as_ref().zip(id);
            return kept
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
            cache.note(&document);
            return Ok(document);
        };
        // The hash is the text's: `http` has checked it.
        if let Some(document) = cache.by_hash(hash) {
            self.metrics.persisted.increment(1);
            return Ok(document);
        }
        let document = self.read(text)?;
        cache.keep(hash, &document);
        Ok(document)
    }

    /// Finds a trusted document by its id or its text. GraphiQL's introspection is the one exception, where it is on.
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
            "Only documents of the trusted manifests run here",
        )])
    }

    /// Reads a document. The cheapest check comes first, and each bounds the work of the next.
    fn read(&self, text: &str) -> Result<Arc<Document>, Vec<GuardError>> {
        let located = |refusal: GuardError| vec![refusal.locate(text)];
        let tokens = Tokens::of(text, self.limits.tokens).map_err(located)?;
        let parseable = grammar::parseable(text, &tokens).map_err(|refusal| vec![refusal])?;
        let document = Parser::new().parse_ast(parseable, "").map_err(|failed| {
            let first = failed.errors.iter().next();
            let place = first.and_then(|error| error.error.location());
            let offset = place.map_or(0, |span| span.offset());
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
                        vec![GuardError::unfit()]
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
            Err(_) if !self.introspection => Err(vec![GuardError::unfit()]),
            Err(invalid) => {
                let refusals = validation::refusals(&invalid.errors, self.limits.errors);
                let located = refusals.into_iter().map(|refusal| refusal.locate(text));
                Err(located.collect())
            }
        }
    }
}

/// Returns an id as it is compared: without the prefix `sha256:`, and a SHA-256 in lower-case digits.
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

/// Whether a document is about the schema alone: every operation has only introspection at its root.
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
            Some(_) => "The document has no operation of that name",
            None => "The document has several operations: choose one by operationName",
        })
    })
}
