//! The part of an operation that runs in the upstream.

use std::sync::Arc;

use apollo_compiler::ast::OperationType;
use secrecy::SecretString;
use serde_json::value::RawValue;
use tokio::time::{Instant, timeout_at};

use super::{
    super::Execution,
    Run, Values,
    answer::ComposedAnswer,
    no_answer::NoAnswer,
    one_endpoint::{OneEndpoint, UpstreamDocument},
    upstream_answer::{UpstreamAnswer, UpstreamData},
};
use crate::{
    graphql::{guard::IncludedRoot, split::UpstreamPart},
    upstream::{MediaType, MergeSlot, UpstreamError, UpstreamResponse},
};

impl Run<'_> {
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
    pub(super) async fn forward(&self, part: &UpstreamPart, deadline: Instant) -> Execution {
        match self.send(part, deadline).await {
            Ok(response) => Execution::Forwarded(response),
            Err(NoAnswer::Failed(code, error) | NoAnswer::CannotDecide(code, error)) => {
                Execution::Failed(code, vec![error])
            }
            Err(no_answer @ NoAnswer::Denied(..)) => {
                let mut answer = ComposedAnswer::default();
                for root in self.upstream_roots() {
                    answer.push_error(&no_answer.at_root(root));
                }
                Execution::Composed(answer)
            }
        }
    }

    async fn send(
        &self,
        part: &UpstreamPart,
        deadline: Instant,
    ) -> Result<UpstreamResponse, NoAnswer> {
        let is_subscription = self.plan.kind == OperationType::Subscription;
        let token = if is_subscription {
            let access = async {
                let authenticated = self.upstream.check(self.context).await?;
                self.upstream.socket_token(authenticated).await
            };
            let access = timeout_at(deadline, access).await;
            access.unwrap_or_else(|_| Err(OneEndpoint::too_late()))?
        } else {
            self.access(deadline).await?
        };
        let mut document = self.upstream_document(part);
        if part.is_incremental || is_subscription {
            document.incremental = self.context.client().streams.clone();
        }
        let is_incremental = document.incremental.is_some();
        let head = self
            .upstream
            .send(document, self.request, token.as_deref(), self.context);
        let head = timeout_at(deadline, head).await;
        let response = head.unwrap_or(Err(UpstreamError::FirstByteTimeout))?;
        let is_wanted = response.media_type().is_json()
            || is_incremental
                && matches!(
                    response.media_type(),
                    MediaType::Multipart | MediaType::EventStream
                );
        if !is_wanted {
            return Err(UpstreamError::NotGraphql("it is a stream that was not asked for").into());
        }
        Ok(response)
    }

    /// Returns the identity token for the upstream, as [`OneEndpoint::access`] does, if that is decided in time.
    pub(super) async fn access(
        &self,
        deadline: Instant,
    ) -> Result<Option<Arc<SecretString>>, NoAnswer> {
        let access = timeout_at(deadline, self.upstream.access(self.context)).await;
        Ok(access.unwrap_or_else(|_| Err(OneEndpoint::too_late()))?)
    }

    /// Asks the upstream for its part, and reads the whole answer.
    pub(super) async fn ask(
        &self,
        part: &UpstreamPart,
        deadline: Instant,
        slot: &mut Option<MergeSlot>,
    ) -> Result<UpstreamAnswer, NoAnswer> {
        let token = self.access(deadline).await?;
        self.ask_for(self.upstream_document(part), token, deadline, slot)
            .await
    }

    pub(super) async fn ask_for(
        &self,
        document: UpstreamDocument<'_>,
        token: Option<Arc<SecretString>>,
        deadline: Instant,
        slot: &mut Option<MergeSlot>,
    ) -> Result<UpstreamAnswer, NoAnswer> {
        let ask = self
            .upstream
            .ask(document, self.request, token.as_deref(), self.context, slot);
        let asked = timeout_at(deadline, ask).await;
        Ok(asked.unwrap_or(Err(UpstreamError::Timeout))?)
    }

    /// Returns the values of the upstream's root fields alone: it must not answer for ours. `None` if its data is null.
    pub(super) fn upstream_values(
        &self,
        theirs: UpstreamAnswer,
        answer: &mut ComposedAnswer,
    ) -> Option<Values> {
        let keys = || self.upstream_roots().map(|root| root.key.as_str());
        for mut problem in theirs.errors {
            // A path to a field of ours is not the upstream's to name.
            if problem
                .root_key()
                .is_none_or(|key| !keys().any(|other| other == key))
            {
                problem.0.shift_remove("path");
            }
            answer.push_error(&problem.0);
        }
        for (key, value) in theirs.extensions {
            if key != "identity" {
                answer.extensions.insert(key, value);
            }
        }
        let mut data = match &theirs.data {
            UpstreamData::Object(_) => theirs.data.values(keys()),
            // The upstream refused the document, and said why.
            UpstreamData::Missing if self.upstream_roots().all(|root| self.is_nullable(root)) => {
                let nulls = keys().map(|key| (key.to_owned(), RawValue::NULL.to_owned()));
                return Some(nulls.collect());
            }
            UpstreamData::Missing | UpstreamData::Null => return None,
        };
        let mut values = Values::new();
        let mut is_null = false;
        for root in self.upstream_roots() {
            // Clients find every key that they asked for, also one that the upstream forgot.
            let value = data.shift_remove(&root.key).unwrap_or_else(|| {
                let failed = NoAnswer::from(UpstreamError::NotGraphql("it lacks a key"));
                answer.push_error(&failed.at_root(root));
                is_null |= !self.is_nullable(root);
                RawValue::NULL.to_owned()
            });
            values.insert(root.key.clone(), value);
        }
        (!is_null).then_some(values)
    }

    /// Whether a root field of the upstream may be null.
    pub(super) fn is_nullable(&self, root: &IncludedRoot) -> bool {
        self.plan.kind == OperationType::Query && self.plan.view.facts.is_root_nullable(&root.name)
    }
}
