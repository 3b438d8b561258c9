//! Runs an operation that has parts, and composes their answers.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Response, ServerError, Value};
use secrecy::SecretString;
use serde_json::value::{RawValue, to_raw_value};
use tokio::time::{Instant, timeout_at};

use super::{
    Execution, Executor, Prepared,
    answer::{ComposedAnswer, Object, UpstreamAnswer, UpstreamData},
    error::error,
    joined::{JoinedValues, MAX_ERRORS, Site, sites},
    missing::Missing,
    one_endpoint::{OneEndpoint, UpstreamDocument},
    value::{Null, Writer},
};
use crate::{
    graphql::{
        context::RequestContext,
        error_code::ErrorCode,
        guard::{CheckedPart, Document, IncludedRoot, OperationRequest, Plan},
        merged::introspect,
        split::{JoinedField, Side, UpstreamPart},
    },
    upstream::{MediaType, UpstreamError, UpstreamResponse},
};
use apollo_compiler::{Schema, ast::OperationType};

/// One run of an operation.
pub struct Run<'r> {
    pub executor: &'r Executor,
    pub upstream: &'r OneEndpoint,
    pub document: &'r Document,
    pub plan: &'r Plan,
    pub roots: &'r [IncludedRoot],
    pub request: &'r OperationRequest,
    pub context: &'r Arc<RequestContext>,
}

impl Run<'_> {
    /// Runs the operation.
    pub async fn run(&self) -> Execution {
        let own = self.plan.own.as_ref();
        let schema = &*self.executor.schema;
        let merged = &*self.plan.view.merged;
        let own = match own.map(|own| self.prepare(schema, &own.part, Some(&own.joined))) {
            Some(Err(mut refusal)) => {
                self.plan.locate(&mut refusal);
                return Execution::Refused(vec![refusal]);
            }
            own => own.and_then(Result::ok),
        };
        let introspection = self.plan.introspection.as_ref();
        let introspection = match introspection.map(|part| self.prepare(merged, part, None)) {
            Some(Err(refusal)) => return Execution::Refused(vec![refusal]),
            part => part.and_then(Result::ok),
        };
        let schema_values = match introspection.as_ref().map(|part| self.schema_values(part)) {
            Some(Err(refusal)) => return Execution::Refused(vec![refusal]),
            values => values.and_then(Result::ok).unwrap_or_default(),
        };
        let deadline = Instant::now() + self.executor.limits.time;
        let part = self
            .plan
            .upstream
            .as_ref()
            .filter(|_| self.upstream_roots().next().is_some());
        if let (None, None, Some(part)) = (&own, &introspection, part) {
            return self.forward(part, deadline).await;
        }
        let ask = async {
            match part {
                Some(part) => Some(self.ask(part, deadline).await),
                None => None,
            }
        };
        let run = async {
            match &own {
                Some(own) => self.executor.execute(own, self.context).await.map(Some),
                None => Ok(None),
            }
        };
        let (run, ask) = tokio::join!(run, ask);
        let response = match run {
            Ok(response) => response,
            Err((code, errors)) => return Execution::Failed(code, errors),
        };
        let mut answer = ComposedAnswer {
            data: None,
            errors: vec![],
            extensions: Object::default(),
        };
        let mut values: HashMap<_, _> = schema_values.into_iter().collect();
        let mut is_null = false;
        if let (Some(own), Some(response)) = (&own, response) {
            match self.own_values(own, response, deadline, &mut answer).await {
                Ok(Some(own)) => values.extend(own),
                Ok(None) => is_null = true,
                Err((code, error)) => return Execution::Failed(code, vec![error]),
            }
        }
        match ask {
            None => {}
            Some(Err(Missing::Undecided(code, error))) => {
                return Execution::Failed(code, vec![error]);
            }
            Some(Ok(theirs)) => match self.upstream_values(theirs, &mut answer) {
                Some(theirs) => values.extend(theirs),
                None => is_null = true,
            },
            Some(Err(missing)) => {
                for root in self.upstream_roots() {
                    answer.push_error(&missing.at_root(root));
                    is_null |= !self.is_nullable(root);
                    values.insert(root.key.clone(), RawValue::NULL.to_owned());
                }
            }
        }
        if !is_null {
            answer.data = Some(self.ordered(values));
        }
        Execution::Composed(answer)
    }

    fn prepare<'d>(
        &'d self,
        schema: &'d Schema,
        part: &'d CheckedPart,
        joined: Option<&'d HashMap<usize, JoinedField>>,
    ) -> Result<Prepared<'d>, ServerError> {
        let Ok(operation) = part.executable.operations.get(None) else {
            return Err(error(ErrorCode::ValidationFailed, "There is no operation"));
        };
        self.executor.prepare(
            schema,
            &part.executable,
            operation,
            self.request,
            &part.text,
            joined,
        )
    }

    fn upstream_roots(&self) -> impl Iterator<Item = &IncludedRoot> {
        self.roots.iter().filter(|root| root.side == Side::Upstream)
    }

    fn upstream_document<'d>(&'d self, part: &'d UpstreamPart) -> UpstreamDocument<'d> {
        UpstreamDocument {
            text: &part.text,
            name: self.plan.name.as_deref(),
            variables: &part.variables,
            added: vec![],
            is_query: self.plan.kind == OperationType::Query,
            incremental: None,
        }
    }

    /// Forwards the whole operation. The answer is not read here.
    async fn forward(&self, part: &UpstreamPart, deadline: Instant) -> Execution {
        match self.send(part, deadline).await {
            Ok(response) => Execution::Forwarded(response),
            Err(Missing::Failed(code, error) | Missing::Undecided(code, error)) => {
                Execution::Failed(code, vec![error])
            }
            Err(missing @ Missing::Denied(..)) => {
                let mut answer = ComposedAnswer {
                    data: None,
                    errors: vec![],
                    extensions: Object::default(),
                };
                for root in self.upstream_roots() {
                    answer.push_error(&missing.at_root(root));
                }
                Execution::Composed(answer)
            }
        }
    }

    async fn send(
        &self,
        part: &UpstreamPart,
        deadline: Instant,
    ) -> Result<UpstreamResponse, Missing> {
        let token = self.upstream.access(self.context).await?;
        let mut document = self.upstream_document(part);
        if part.is_incremental {
            document.incremental = self.context.client().streams.clone();
        }
        let is_incremental = document.incremental.is_some();
        let head = self
            .upstream
            .send(document, self.request, token.as_deref(), self.context);
        let head = timeout_at(deadline, head).await;
        let response = head.unwrap_or(Err(UpstreamError::FirstByteTimeout))?;
        let is_wanted = response.media_type().is_json()
            || is_incremental && response.media_type() == MediaType::Multipart;
        if !is_wanted {
            return Err(UpstreamError::NotGraphql("it is a stream that was not asked for").into());
        }
        Ok(response)
    }

    async fn ask(&self, part: &UpstreamPart, deadline: Instant) -> Result<UpstreamAnswer, Missing> {
        let token = self.upstream.access(self.context).await?;
        self.ask_for(self.upstream_document(part), token, deadline)
            .await
    }

    async fn ask_for(
        &self,
        document: UpstreamDocument<'_>,
        token: Option<Arc<SecretString>>,
        deadline: Instant,
    ) -> Result<UpstreamAnswer, Missing> {
        let ask = self
            .upstream
            .ask(document, self.request, token.as_deref(), self.context);
        let asked = timeout_at(deadline, ask).await;
        Ok(asked.unwrap_or(Err(UpstreamError::Timeout))?)
    }

    /// Returns the values of our root fields, with joined fields. `None` if the data is null.
    async fn own_values(
        &self,
        own: &Prepared<'_>,
        response: Response,
        deadline: Instant,
        answer: &mut ComposedAnswer,
    ) -> Result<Option<Vec<(String, Box<RawValue>)>>, (ErrorCode, ServerError)> {
        for mut error in response.errors {
            self.context.add_request_id(&mut error);
            self.plan.locate(&mut error);
            answer.push_error(&error);
        }
        for (key, value) in response.extensions {
            answer.set_extension(&key, &value);
        }
        let Value::Object(data) = &response.data else {
            return Ok(None);
        };
        let sites = sites(&own.fields, &response.data);
        let joined = if sites.is_empty() {
            JoinedValues::default()
        } else {
            match self.join(&sites, deadline, answer).await {
                Ok(joined) => joined,
                Err(Missing::Undecided(code, error)) => return Err((code, error)),
                Err(missing) => {
                    for (path, tokens) in sites.iter().flat_map(Site::paths).take(MAX_ERRORS) {
                        let positions = self.document.positions(&tokens);
                        answer.push_error(&missing.at(path, positions));
                    }
                    JoinedValues::default()
                }
            }
        };
        let writer = Writer {
            joined: &joined,
            facts: &self.plan.view.facts,
        };
        let mut values = vec![];
        for selected in &own.fields {
            let value = data.get(selected.key.as_str()).unwrap_or(&Value::Null);
            match writer.root(selected, value) {
                Ok(text) => values.extend(
                    RawValue::from_string(text)
                        .ok()
                        .map(|raw| (selected.key.to_string(), raw)),
                ),
                Err(Null) => return Ok(None),
            }
        }
        Ok(Some(values))
    }

    /// Asks the upstream for the joined fields of all users, once.
    async fn join<'d>(
        &self,
        sites: &[Site<'d>],
        deadline: Instant,
        answer: &mut ComposedAnswer,
    ) -> Result<JoinedValues<'d>, Missing> {
        let token = self.upstream.access(self.context).await?;
        let tokens: Vec<_> = sites.iter().map(Site::tokens).collect();
        let name = self.plan.name.as_deref();
        let foreign = self.plan.own.as_ref().map(|own| own.foreign.as_slice());
        let foreign = foreign.unwrap_or_default();
        let Some(document) = self.document.joined_document(name, &tokens, foreign) else {
            return Ok(JoinedValues::default());
        };
        if self.executor.guard.exceeds_upstream_limits(&document.text) {
            let message =
                "The operation asks the service behind this server for too many fields of users";
            return Err(Missing::Denied(ErrorCode::OperationTooComplex, message));
        }
        let names = document.representations.iter().map(String::as_str);
        let added = names
            .zip(sites)
            .filter_map(|(name, site)| Some((name, site.representations()?)));
        let theirs = UpstreamDocument {
            text: &document.text,
            name,
            variables: &document.variables,
            added: added.collect(),
            is_query: true,
            incremental: None,
        };
        let theirs = self.ask_for(theirs, token, deadline).await?;
        let max = self.upstream.max_merge();
        let (values, errors) = JoinedValues::read(sites, theirs, &document, max)?;
        if errors.is_empty() {
            for (path, tokens) in values.wrong_nulls(sites, &self.plan.view.facts) {
                let message =
                    "The service behind this server has no value for a field that may not be null";
                let missing = Missing::Denied(ErrorCode::BadGateway, message);
                answer.push_error(&missing.at(path, self.document.positions(&tokens)));
            }
        }
        answer.errors.extend(errors);
        Ok(values)
    }

    /// Returns the values of the root fields that read the merged schema.
    fn schema_values(
        &self,
        part: &Prepared<'_>,
    ) -> Result<Vec<(String, Box<RawValue>)>, ServerError> {
        let introspected = introspect(&self.plan.view.merged, &part.fields);
        let value = introspected
            .map_err(|refusal| error(ErrorCode::OperationTooComplex, refusal.to_string()))?;
        let Value::Object(object) = value else {
            return Ok(vec![]);
        };
        let values = object.into_iter();
        let values =
            values.filter_map(|(key, value)| Some((key.to_string(), to_raw_value(&value).ok()?)));
        Ok(values.collect())
    }

    /// Returns the values of the upstream's root fields alone: it must not answer for ours. `None` if its data is null.
    fn upstream_values(
        &self,
        theirs: UpstreamAnswer,
        answer: &mut ComposedAnswer,
    ) -> Option<HashMap<String, Box<RawValue>>> {
        answer.errors.extend(theirs.errors.unwrap_or_default());
        for (key, value) in theirs.extensions.unwrap_or_default() {
            if key != "identity" {
                answer.set_extension(&key, &value);
            }
        }
        let mut data = match theirs.data {
            UpstreamData::Object(data) => data,
            // The upstream refused the document, and said why.
            UpstreamData::Missing if self.upstream_roots().all(|root| self.is_nullable(root)) => {
                let nulls = self.upstream_roots().map(|root| root.key.clone());
                return Some(nulls.map(|key| (key, RawValue::NULL.to_owned())).collect());
            }
            UpstreamData::Missing | UpstreamData::Null => return None,
        };
        let mut values = HashMap::new();
        let mut is_null = false;
        for root in self.upstream_roots() {
            // Clients find every key that they asked for, also one that the upstream forgot.
            let value = data.remove(&root.key).unwrap_or_else(|| {
                let failed = Missing::from(UpstreamError::NotGraphql("it lacks a key"));
                answer.push_error(&failed.at_root(root));
                is_null |= !self.is_nullable(root);
                RawValue::NULL.to_owned()
            });
            values.insert(root.key.clone(), value);
        }
        (!is_null).then_some(values)
    }

    /// Whether a root field of the upstream may be null.
    fn is_nullable(&self, root: &IncludedRoot) -> bool {
        self.plan.kind == OperationType::Query && self.plan.view.facts.is_root_nullable(&root.name)
    }

    /// Puts the values into the order of their keys in the document.
    fn ordered(&self, mut values: HashMap<String, Box<RawValue>>) -> Object {
        let keys = self.roots.iter();
        let ordered = keys.filter_map(|root| Some((root.key.clone(), values.remove(&root.key)?)));
        Object(ordered.collect())
    }
}
