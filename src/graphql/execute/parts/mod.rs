//! Runs an operation that has parts, and composes their answers.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{ServerError, Value};
use serde_json::value::{RawValue, to_raw_value};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};

mod answer;
mod bounded_json;
mod envelope;
mod joined;
mod no_answer;
mod one_endpoint;
mod own_part;
mod upstream_answer;
mod upstream_part;
mod upstream_problem;
mod value;

pub use self::{
    answer::ComposedAnswer,
    one_endpoint::{Denied, NOT_AN_ANSWER, OneEndpoint, SocketError, upstream_error},
    upstream_answer::UpstreamAnswer,
};
use self::{answer::Object, no_answer::NoAnswer};
use super::{Execution, Executor, Prepared, error::error};
use crate::graphql::{
    context::RequestContext,
    error_code::ErrorCode,
    guard::{CheckedPart, Document, IncludedRoot, OperationRequest, Plan},
    merged::introspect,
    split::{JoinedField, Side},
};
use apollo_compiler::Schema;

/// The values of root fields, by their keys in the answer.
type Values = HashMap<String, Box<RawValue>>;

/// How many operations read a merged schema at once. A large schema occupies a thread for a while.
static INTROSPECTIONS: Semaphore = Semaphore::const_new(1);

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
        let deadline = Instant::now() + self.executor.limits.time;
        let schema_values = match &introspection {
            None => Values::new(),
            Some(part) => {
                let Ok(Ok(_permit)) = timeout_at(deadline, INTROSPECTIONS.acquire()).await else {
                    let code = ErrorCode::ServiceBusy;
                    let busy = error(code, "Too many clients read the schema. Try again later");
                    return Execution::Failed(code, vec![busy]);
                };
                // The other tasks of this thread go on elsewhere.
                match tokio::task::block_in_place(|| self.schema_values(part)) {
                    Ok(values) => values,
                    Err(refusal) => return Execution::Refused(vec![refusal]),
                }
            }
        };
        let part = self
            .plan
            .upstream
            .as_ref()
            .filter(|_| self.upstream_roots().next().is_some());
        if let (None, None, Some(part)) = (&own, &introspection, part) {
            return self.forward(part, deadline).await;
        }
        let mut answer = ComposedAnswer::default();
        let slot = &mut answer.slot;
        let ask = async {
            Ok(match part {
                Some(part) => Some(self.ask(part, deadline, slot).await),
                None => None,
            })
        };
        let run = async {
            match &own {
                Some(own) => self.executor.execute(own, self.context).await.map(Some),
                None => Ok(None),
            }
        };
        // If our part fails as a whole, the upstream is not waited for.
        let (response, ask) = match tokio::try_join!(run, ask) {
            Ok(both) => both,
            Err((code, errors)) => return Execution::Failed(code, errors),
        };
        let mut values = schema_values;
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
            Some(Err(NoAnswer::CannotDecide(code, error))) => {
                return Execution::Failed(code, vec![error]);
            }
            Some(Ok(theirs)) => match self.upstream_values(theirs, &mut answer) {
                Some(theirs) => values.extend(theirs),
                None => is_null = true,
            },
            Some(Err(no_answer)) => {
                for root in self.upstream_roots() {
                    answer.push_error(&no_answer.at_root(root));
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

    /// Returns the values of the root fields that read the merged schema.
    fn schema_values(&self, part: &Prepared<'_>) -> Result<Values, ServerError> {
        let introspected = introspect(&self.plan.view.merged, &part.fields);
        let value = introspected
            .map_err(|refusal| error(ErrorCode::OperationTooComplex, refusal.to_string()))?;
        let Value::Object(object) = value else {
            return Ok(Values::new());
        };
        let values = object.into_iter();
        let values =
            values.filter_map(|(key, value)| Some((key.to_string(), to_raw_value(&value).ok()?)));
        Ok(values.collect())
    }

    /// Puts the values into the order of their keys in the document.
    fn ordered(&self, mut values: Values) -> Object {
        let keys = self.roots.iter();
        let ordered = keys.filter_map(|root| Some((root.key.clone(), values.remove(&root.key)?)));
        ordered.collect()
    }
}
