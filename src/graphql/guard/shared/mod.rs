//! Documents that may have parts for the upstream.
//!
//! The limits on tokens, roots, aliases, arguments, directives and spreads hold for the whole document. Then the operation is
//! split, and each part is checked like a document: ours against our schema and limits, the upstream's against its limits.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use apollo_compiler::{
    ExecutableDocument,
    ast::{Document as Ast, OperationType},
    validation::Valid,
};
use async_graphql::Pos;

mod parts;

use super::{
    Content, Guard, GuardError, OperationRequest, cost::Rules, measure::Measure, position::Lines,
    tokens::Tokens,
};
use crate::{
    config::limits::Limits,
    graphql::{
        CREDENTIAL_FIELDS,
        schema_view::{CurrentView, SchemaView},
        split::{
            Definitions, JoinedDocument, JoinedField, Router, Shifts, Side, Source, UpstreamPart,
            Variables, joined_document, root_field, split,
        },
    },
};

/// The maximum of plans of one document: it has several only if it has several operations, or `node(id:)` by variables.
const MAX_PLANS: usize = 2;

/// What the guard needs for an upstream.
pub struct UpstreamRules {
    /// The schemas.
    pub view: Arc<CurrentView>,
    /// The limits on a whole document.
    whole: Rules,
    /// The limits on the upstream's part.
    pub(super) upstream: Rules,
}

/// A parsed document, to be split.
pub struct SharedDocument {
    text: String,
    tokens: Tokens,
    ast: Ast,
    plans: Mutex<HashMap<PlanKey, Arc<Plan>>>,
}

/// What a plan depends on: the operation, and who has the object of each `node(id:)`.
type PlanKey = (Option<String>, Vec<Side>);

/// The checked parts of an operation.
pub struct Plan {
    /// Whether it is a query or a mutation.
    pub kind: OperationType,
    /// The operation's name.
    pub name: Option<String>,
    /// The part that runs here.
    pub own: Option<OwnPlan>,
    /// The part that reads the merged schema.
    pub introspection: Option<CheckedPart>,
    /// The part that runs in the upstream.
    pub upstream: Option<UpstreamPart>,
    /// The schemas when it was made.
    pub view: Arc<SchemaView>,
}

/// A document that is valid in a schema.
pub struct CheckedPart {
    /// The document.
    pub executable: Valid<ExecutableDocument>,
    /// Its text.
    pub text: String,
}

/// The part that runs here.
pub struct OwnPlan {
    /// The document.
    pub part: CheckedPart,
    /// See [`OwnPart::joined`](crate::graphql::split::OwnPart::joined).
    pub joined: HashMap<usize, JoinedField>,
    /// See [`OwnPart::foreign`](crate::graphql::split::OwnPart::foreign).
    pub foreign: Vec<Range<usize>>,
    /// See [`OwnPart::shifts`](crate::graphql::split::OwnPart::shifts).
    pub shifts: Shifts,
}

/// A root field that `@skip` and `@include` keep.
pub struct IncludedRoot {
    /// Its key in the answer.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The side that runs it.
    pub side: Side,
    /// Its positions in the document.
    pub positions: Vec<Pos>,
}

impl UpstreamRules {
    /// Creates the rules from the limits on a whole document, and the depth and complexity of the upstream's part.
    pub fn new(
        view: Arc<CurrentView>,
        limits: &Limits,
        introspection: bool,
        max_depth: usize,
        max_complexity: usize,
    ) -> Self {
        let whole = Limits {
            depth: usize::MAX,
            complexity: usize::MAX,
            ..limits.clone()
        };
        // The others hold for the whole document, so a part of it cannot exceed them.
        let part = Limits {
            depth: max_depth,
            complexity: max_complexity,
            roots: usize::MAX,
            aliases: usize::MAX,
            arguments: usize::MAX,
            directives: usize::MAX,
            spreads: usize::MAX,
            ..limits.clone()
        };
        let rules = |limits| Rules::without_connections(limits, introspection);
        Self {
            view,
            whole: rules(whole),
            upstream: rules(part),
        }
    }
}

impl SharedDocument {
    fn source(&self) -> Source<'_> {
        Source {
            text: &self.text,
            tokens: &self.tokens.all,
        }
    }

    /// Whether all root fields of all operations have names that pass a test. Fragments at the root count as failed.
    pub fn has_only_roots(&self, passes: impl Fn(&str) -> bool) -> bool {
        let definitions = Definitions::of(&self.ast);
        definitions.operations.iter().all(|operation| {
            operation.operation_type == OperationType::Query
                && operation.selection_set.iter().all(|selection| {
                    selection
                        .as_field()
                        .is_some_and(|field| passes(&field.name))
                })
        })
    }

    /// Returns the positions of tokens.
    pub fn positions(&self, tokens: &[usize]) -> Vec<Pos> {
        let lines = Lines::of(&self.text);
        tokens
            .iter()
            .filter_map(|token| self.tokens.all.get(*token))
            .map(|token| lines.position(token.bytes.start))
            .collect()
    }

    /// Returns the document that asks the upstream for joined fields. Each site is the fields of one selection set.
    pub fn joined_document(
        &self,
        operation_name: Option<&str>,
        sites: &[Vec<Range<usize>>],
        foreign: &[Range<usize>],
    ) -> JoinedDocument {
        let definitions = Definitions::of(&self.ast);
        joined_document(self.source(), &definitions, operation_name, sites, foreign)
    }

    /// Whether a literal may be a password: it is a string in a document with a mutation, whose name may be mistyped, or with
    /// the name of a credential field, which may be in a query by mistake.
    fn holds_secret(&self) -> bool {
        let definitions = Definitions::of(&self.ast);
        let mut operations = definitions.operations.iter();
        let names = 0..self.tokens.all.len();
        let mut names = names.map(|index| self.source().token(index));
        let is_suspect = operations
            .any(|operation| operation.operation_type == OperationType::Mutation)
            || names.any(|name| CREDENTIAL_FIELDS.contains(&name));
        is_suspect
            && self
                .tokens
                .all
                .iter()
                .any(|token| token.kind == apollo_parser::TokenKind::StringValue)
    }
}

impl Guard {
    /// Adds an upstream.
    #[must_use]
    pub fn with_upstream(mut self, rules: UpstreamRules) -> Self {
        self.upstream = Some(rules);
        self
    }

    /// Reads a document that may have parts for the upstream. Returns it, and whether it may hold a password.
    pub(super) fn shared(
        &self,
        upstream: &UpstreamRules,
        ast: Ast,
        tokens: Tokens,
        parseable: String,
        text: &str,
    ) -> Result<(Content, bool), Vec<GuardError>> {
        let located = |refusal: GuardError| vec![refusal.locate(text)];
        Measure::check(&ast, &upstream.whole).map_err(located)?;
        Definitions::check(&ast).map_err(located)?;
        let view = upstream.view.get();
        if self.is_own(&ast) && !view.facts.changes_own_types() {
            match self.own(&ast, text) {
                // It may be valid in the merged schema, which is not known yet. Its plan will tell.
                Err(_) if view.facts.types.is_none() => {}
                result => return result,
            }
        }
        let document = SharedDocument {
            text: parseable,
            tokens,
            ast,
            plans: Mutex::default(),
        };
        let holds_secret = document.holds_secret();
        Ok((Content::Shared(Box::new(document)), holds_secret))
    }

    /// Whether all of a document runs here, whatever the upstream and the variables are.
    fn is_own(&self, ast: &Ast) -> bool {
        let definitions = Definitions::of(ast);
        definitions.operations.iter().all(|operation| {
            let kind = operation.operation_type;
            let mut all = definitions.roots(operation).into_iter();
            kind != OperationType::Subscription
                && all.all(|field| {
                    let name = field.name.as_str();
                    name == "__typename"
                        || name != "node" && root_field(&self.schema, kind, name).is_some()
                })
        })
    }

    /// Returns the plan of a request, and its root fields.
    pub(super) fn plan(
        &self,
        upstream: &UpstreamRules,
        shared: &SharedDocument,
        request: &OperationRequest,
    ) -> Result<(Arc<Plan>, Vec<IncludedRoot>), Vec<GuardError>> {
        let located = |refusal: GuardError| vec![refusal.locate(&shared.text)];
        let view = upstream.view.get();
        let definitions = Definitions::of(&shared.ast);
        let operation = definitions
            .choose(request.operation_name.as_deref())
            .map_err(located)?;
        if operation.operation_type == OperationType::Subscription && !request.accepts_events {
            let message = "A subscription needs a WebSocket, or an Accept header with text/event-stream or multipart/mixed";
            return Err(located(
                GuardError::invalid(message).at(operation.location()),
            ));
        }
        let variables = Variables {
            operation,
            values: &request.variables,
        };
        let router =
            Router::new(&self.schema, &view.facts, &definitions, variables).map_err(located)?;
        let all = router.all().map_err(located)?;
        let nodes = all.iter().filter(|root| root.field.name == "node");
        let key: PlanKey = (
            operation.name.as_ref().map(ToString::to_string),
            nodes.map(|root| root.side).collect(),
        );
        let cached = {
            let plans = shared.plans.lock().unwrap_or_else(PoisonError::into_inner);
            plans.get(&key).cloned()
        };
        let cached = cached.filter(|plan| Arc::ptr_eq(&plan.view, &view));
        let plan = if let Some(plan) = cached {
            plan
        } else {
            let parts = split(
                shared.source(),
                &definitions,
                operation,
                &router,
                &self.schema,
                &view.facts,
            );
            let parts = parts.map_err(located)?;
            let plan = Arc::new(self.check(upstream, shared, parts, Arc::clone(&view))?);
            let mut plans = shared.plans.lock().unwrap_or_else(PoisonError::into_inner);
            if plans.len() >= MAX_PLANS {
                plans.clear();
            }
            plans.insert(key, Arc::clone(&plan));
            plan
        };
        let lines = Lines::of(&shared.text);
        let included = router.included().map_err(located)?;
        let roots = included.into_iter().filter_map(|(key, roots)| {
            let first = roots.first()?;
            Some(IncludedRoot {
                key: key.to_string(),
                name: first.field.name.to_string(),
                side: first.side,
                positions: roots
                    .iter()
                    .filter_map(|root| root.field.location())
                    .map(|location| lines.position(location.offset()))
                    .collect(),
            })
        });
        Ok((plan, roots.collect()))
    }
}
