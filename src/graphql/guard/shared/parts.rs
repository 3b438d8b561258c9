//! Checks the parts of an operation, each like a document.

use std::{ops::Range, sync::Arc};

use apollo_compiler::{Schema, ast::Document as Ast, parser::Parser, validation::Valid};
use async_graphql::ServerError;

use super::{
    super::{Guard, GuardError, measure::Measure, tokens::syntax_error},
    CheckedPart, OwnPlan, Plan, SharedDocument, UpstreamRules,
};
use crate::graphql::{
    schema_view::SchemaView,
    split::{OwnPart, Split},
};

impl Plan {
    /// Gives an error of our part its positions in the client's document.
    pub fn locate(&self, error: &mut ServerError) {
        if let Some(own) = &self.own {
            for position in &mut error.locations {
                *position = own.shifts.original(*position);
            }
        }
    }
}

impl Guard {
    /// Checks the parts of an operation.
    pub(super) fn check(
        &self,
        upstream: &UpstreamRules,
        shared: &SharedDocument,
        parts: Split,
        view: Arc<SchemaView>,
    ) -> Result<Plan, Vec<GuardError>> {
        let own = match parts.own {
            Some(own) => Some(self.check_own(upstream, shared, own, parts.name.as_deref())?),
            None => None,
        };
        let introspection = match parts.introspection {
            Some(text) => Some(self.check_part(&view.merged, text)?),
            None => None,
        };
        if let Some(part) = &parts.upstream {
            let ast = parse(&part.text)?;
            Measure::check(&ast, &upstream.upstream)
                .map_err(|refusal| vec![refusal.locate(&part.text)])?;
        }
        Ok(Plan {
            kind: parts.kind,
            name: parts.name,
            own,
            introspection,
            upstream: parts.upstream,
            view,
        })
    }

    /// Whether a document for the upstream exceeds its limits on depth and complexity.
    pub fn exceeds_upstream_limits(&self, text: &str) -> bool {
        let Some(upstream) = &self.upstream else {
            return true;
        };
        parse(text).map_or(true, |ast| {
            Measure::check(&ast, &upstream.upstream).is_err()
        })
    }

    /// Checks our part, and the joined fields like a part of the upstream.
    fn check_own(
        &self,
        upstream: &UpstreamRules,
        shared: &SharedDocument,
        own: OwnPart,
        name: Option<&str>,
    ) -> Result<OwnPlan, Vec<GuardError>> {
        let part = self.check_part(&self.schema, own.text);
        let part = part.map_err(|mut refusals| {
            for refusal in &mut refusals {
                refusal.position = refusal.position.map(|at| own.shifts.original(at));
            }
            refusals
        })?;
        if !own.joined.is_empty() {
            let joined = own.joined.values();
            let fields: Vec<Range<usize>> = joined.map(|field| field.tokens.clone()).collect();
            let document = shared.joined_document(name, &[fields], &own.foreign);
            let ast = parse(&document.text)?;
            Measure::check(&ast, &upstream.upstream).map_err(|refusal| {
                let mut refusal = refusal.locate(&document.text);
                refusal.position = refusal.position.and_then(|at| document.origin(at));
                vec![refusal]
            })?;
        }
        Ok(OwnPlan {
            part,
            joined: own.joined,
            foreign: own.foreign,
            shifts: own.shifts,
        })
    }

    fn check_part(
        &self,
        schema: &Valid<Schema>,
        text: String,
    ) -> Result<CheckedPart, Vec<GuardError>> {
        let executable = self.validate(schema, &parse(&text)?, &text)?;
        Ok(CheckedPart { executable, text })
    }
}

/// Parses a part. A part of a valid document is valid; anything else is refused.
fn parse(text: &str) -> Result<Ast, Vec<GuardError>> {
    Parser::new()
        .parse_ast(text, "")
        .map_err(|_| vec![syntax_error(text, 0)])
}
