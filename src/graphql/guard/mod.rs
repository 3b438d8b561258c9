//! Parses a document once, and decides whether it may run.
//!
//! Trusted and cached documents were checked before (`trusted`, `cache`). For all others, tokens and brackets are
//! counted (`tokens`, `grammar`). Then the document is parsed, its cost is measured with fragments expanded (`measure`,
//! `cost`), and it is validated against the published schema (`validation`, `values`). The root fields of mutations are
//! checked (`roots`). The parsed document is what runs afterwards (`graphql/execute`): no other parser sees the text.
//!
//! With an upstream, a document may have fields of two services. It is split (`shared`), and each part is checked so.

use std::sync::Arc;

use apollo_compiler::{
    ExecutableDocument, Schema, ast, diagnostic::ToCliReport, parser::Parser, validation::Valid,
};

mod cache;
mod cost;
mod document;
mod error;
mod grammar;
mod measure;
mod position;
mod request;
mod roots;
mod shared;
mod tokens;
mod trusted;
mod validation;
mod values;

use self::{
    cache::DocumentCache,
    cost::Rules,
    document::Content,
    measure::Measure,
    tokens::{Tokens, syntax_error},
    trusted::TrustedDocuments,
};
pub use self::{
    document::{Admitted, Document},
    error::GuardError,
    position::Lines,
    request::{OperationRequest, RawParts, is_sha256, normal_id},
    shared::{CheckedPart, IncludedRoot, Plan, UpstreamRules},
    tokens::Token,
    trusted::ManifestError,
};
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
    upstream: Option<UpstreamRules>,
    metrics: DocumentMetrics,
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
            upstream: None,
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
        let mut document = self.find(request)?;
        // It was read before the upstream's schema gave our types other names.
        if let (Content::Own(_), Some(upstream)) = (&document.content, &self.upstream)
            && !upstream.view.get().facts.renamed.is_empty()
        {
            document = self.read(&document.text)?;
        }
        match (&document.content, &self.upstream) {
            (Content::Own(executable), _) => {
                let name = request.operation_name.as_deref();
                let operation = executable.operations.get(name);
                let operation = operation
                    .map_err(|_| vec![GuardError::no_operation(name.is_some())])?
                    .clone();
                Ok(Admitted::Own {
                    document,
                    operation,
                })
            }
            (Content::Shared(shared), Some(upstream)) => {
                let (plan, roots) = self.plan(upstream, shared, request)?;
                Ok(Admitted::Shared {
                    document,
                    plan,
                    roots,
                })
            }
            (Content::Shared(_), None) => Err(vec![GuardError::masked_invalid()]),
        }
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
        let parsed = Parser::new().parse_ast(parseable.as_ref(), "");
        let document = parsed.map_err(|failed| {
            let first = failed.errors.iter().next();
            let location = first.and_then(|error| error.error.location());
            let offset = location.map_or(0, |span| span.offset());
            vec![syntax_error(text, offset)]
        })?;
        if document.definitions.is_empty() {
            return Err(vec![syntax_error(text, text.len())]);
        }
        let tokens_all = tokens.all.len();
        let (content, holds_secret) = match &self.upstream {
            None => self.own(&document, text)?,
            Some(upstream) => {
                let parseable = parseable.into_owned();
                self.shared(upstream, document, tokens, parseable, text)?
            }
        };
        self.metrics.read.increment(1);
        Ok(Arc::new(Document {
            holds_secret,
            content,
            text: text.into(),
            tokens: tokens_all,
        }))
    }

    /// Checks a document that runs here. Returns it, and whether it may hold a password.
    fn own(
        &self,
        document: &ast::Document,
        text: &str,
    ) -> Result<(Content, bool), Vec<GuardError>> {
        let executable = self.validate(&self.schema, document, text)?;
        let holds_secret = executable
            .operations
            .iter()
            .any(|operation| roots::holds_secret(&executable, operation));
        Ok((Content::Own(executable), holds_secret))
    }

    /// Measures and validates a document against a schema.
    fn validate(
        &self,
        schema: &Valid<Schema>,
        document: &ast::Document,
        text: &str,
    ) -> Result<Valid<ExecutableDocument>, Vec<GuardError>> {
        let located = |refusal: GuardError| vec![refusal.locate(text)];
        Measure::check(document, &self.rules).map_err(located)?;
        let executable = match document.to_executable_validate(schema) {
            Ok(executable) => executable,
            Err(_) if !self.introspection => return Err(vec![GuardError::masked_invalid()]),
            Err(invalid) => {
                let refusals = validation::refusals(&invalid.errors, self.limits.errors);
                let located = refusals.into_iter().map(|refusal| refusal.locate(text));
                return Err(located.collect());
            }
        };
        values::check(schema, &executable).map_err(|refusal| {
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
        Ok(executable)
    }
}

/// Whether a document only reads the schema: every root field is an introspection field.
fn is_introspection(document: &Document) -> bool {
    let is_schema_field = |name: &str| matches!(name, "__schema" | "__type" | "__typename");
    match &document.content {
        Content::Own(executable) => executable.operations.iter().all(|operation| {
            let mut fields = operation.root_fields(executable);
            operation.is_query() && fields.all(|field| is_schema_field(&field.name))
        }),
        Content::Shared(shared) => shared.has_only_roots(is_schema_field),
    }
}
