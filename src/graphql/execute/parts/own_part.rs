//! The part of an operation that runs here, and the upstream's fields of our users in it.

use async_graphql::{Response, ServerError, Value};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::{
    super::Prepared,
    Run, Values,
    answer::ComposedAnswer,
    joined::{JoinedValues, Site, sites},
    no_answer::NoAnswer,
    one_endpoint::UpstreamDocument,
    upstream_answer::MAX_ERRORS,
    value::{Null, Writer},
};
use crate::graphql::error_code::ErrorCode;

impl Run<'_> {
    /// Returns the values of our root fields, with joined fields. `None` if the data is null.
    pub(super) async fn own_values(
        &self,
        own: &Prepared<'_>,
        response: Response,
        deadline: Instant,
        answer: &mut ComposedAnswer,
    ) -> Result<Option<Values>, (ErrorCode, ServerError)> {
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
                Err(NoAnswer::CannotDecide(code, error)) => return Err((code, error)),
                Err(no_answer) => {
                    for (path, tokens) in sites.iter().flat_map(Site::paths).take(MAX_ERRORS) {
                        let positions = self.document.positions(&tokens);
                        answer.push_error(&no_answer.at(path, positions));
                    }
                    JoinedValues::default()
                }
            }
        };
        let writer = Writer {
            joined: &joined,
            facts: &self.plan.view.facts,
        };
        let mut values = Values::new();
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
    ) -> Result<JoinedValues<'d>, NoAnswer> {
        let token = self.access(deadline).await?;
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
            return Err(NoAnswer::Denied(ErrorCode::OperationTooComplex, message));
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
        let theirs = self
            .ask_for(theirs, token, deadline, &mut answer.slot)
            .await?;
        let max = self.upstream.max_merge();
        let (values, errors) = JoinedValues::read(sites, theirs, &document, max)?;
        if errors.is_empty() {
            for (path, tokens) in values.wrong_nulls(sites, &self.plan.view.facts) {
                let message =
                    "The service behind this server has no value for a field that may not be null";
                let no_answer = NoAnswer::Denied(ErrorCode::BadGateway, message);
                answer.push_error(&no_answer.at(path, self.document.positions(&tokens)));
            }
        }
        answer.errors.extend(errors);
        Ok(values)
    }
}
