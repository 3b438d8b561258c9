//! Compares the parts of an operation with its document: each part is a document of its own, has only its own root fields,
//! and together they have every token that runs.

use std::{
    collections::HashSet,
    sync::{Arc, LazyLock},
};

use apollo_compiler::{
    Node,
    ast::{DirectiveList, Document, FragmentDefinition, OperationDefinition, Selection},
    parser::{Parser, SourceSpan},
};
use apollo_parser::{Lexer, TokenKind};
use gatelodge::graphql::{
    guard::{Admitted, Guard, OperationRequest, Plan, UpstreamRules},
    merged::{MergedSchema, UpstreamSchema},
    published::published_schema,
    schema_view::{CurrentView, SchemaView},
};

/// The schema of the service.
const THEIRS: &str = "
    type Query { tasks(first: Int): [Task!] task(id: ID!): Task taskCount: Int! echo(text: String, number: Big): String
        node(id: ID!): Node }
    type Mutation { addTask(title: String!): Task removeTask(id: ID!): Boolean }
    interface Node { id: ID! }
    type Task implements Node { id: ID! title: String! parent: Task query: Query }
    type User @key(fields: \"id\") { id: ID! tasks(first: Int): [Task!] nickname: String }
    scalar Big";
/// The root fields that only Gatelodge has, without mutations.
const OURS: [&str; 5] = ["me", "session", "users", "user", "authSettings"];

static GUARD: LazyLock<Guard> = LazyLock::new(|| {
    let ours = Arc::new(published_schema().expect("the published schema"));
    let theirs = UpstreamSchema::from_sdl(THEIRS, "tasks.graphql").expect("a schema");
    let merged = MergedSchema::merge(&ours, theirs, "").expect("no clash");
    let view = Arc::new(CurrentView::new(SchemaView::of(&merged)));
    let limits = gatelodge::cli::parse(["gatelodge".into()])
        .expect("settings")
        .limits;
    let rules = UpstreamRules::new(view, &limits, true, 20, 2_000);
    Guard::new(limits, true, ours).with_upstream(rules)
});

/// A document that was split.
pub struct Parts {
    /// The part that runs here.
    pub own: Option<String>,
    /// The part that reads the schema.
    pub introspection: Option<String>,
    /// The part that the service runs.
    pub upstream: Option<String>,
    /// How many fields the service adds to our users.
    pub joined: usize,
}

/// Checks one document.
pub fn check(bytes: &[u8]) {
    if let Ok(query) = str::from_utf8(bytes) {
        split(query);
    }
}

/// Checks one document, and returns its parts if it is admitted and has parts.
pub fn split(query: &str) -> Option<Parts> {
    // The parser fails at some commas.
    let document = Parser::new().parse_ast(query.replace(',', " "), "").ok();
    let names = document.iter().flat_map(operations);
    let name = names.map(|operation| operation.name.as_ref().map(ToString::to_string));
    let request = OperationRequest {
        query: Some(query.to_owned()),
        operation_name: name.last().flatten(),
        ..OperationRequest::default()
    };
    let Ok(Admitted::Shared { plan, .. }) = GUARD.admit(&request) else {
        return None;
    };
    let parts = Parts {
        own: plan.own.as_ref().map(|own| own.part.text.clone()),
        introspection: plan.introspection.as_ref().map(|part| part.text.clone()),
        upstream: plan.upstream.as_ref().map(|part| part.text.clone()),
        joined: plan.own.as_ref().map_or(0, |own| own.joined.len()),
    };
    let all = [&parts.own, &parts.introspection, &parts.upstream];
    for text in all.into_iter().flatten() {
        check_parsers(query, text);
    }
    check_roots(&parts, query);
    if let Some(document) = &document {
        check_tokens(document, &plan, &parts, query);
    }
    Some(parts)
}

/// Both parsers read a part. The second has gaps, so it is asked only if it reads the whole document.
fn check_parsers(query: &str, part: &str) {
    let parsed = Parser::new().parse_ast(part, "");
    assert!(parsed.is_ok(), "{part:?} of {query:?}");
    if async_graphql::parser::parse_query(query).is_ok() {
        let parsed = async_graphql::parser::parse_query(part);
        assert!(parsed.is_ok(), "{part:?} of {query:?}: {parsed:?}");
    }
    let operations = parsed.iter().flat_map(operations).count();
    assert_eq!(operations, 1, "{part:?} of {query:?}");
}

/// No part has a root field of another side.
fn check_roots(parts: &Parts, query: &str) {
    let is_schema = |name: &str| matches!(name, "__schema" | "__type");
    let check = |part: &Option<String>, passes: &dyn Fn(&str) -> bool| {
        let Some(text) = part else { return };
        let document = Parser::new()
            .parse_ast(text, "")
            .expect("it was parsed before");
        let operation = operations(&document).next().expect("it has one");
        let names = roots(&document, operation);
        assert!(!names.is_empty(), "{text:?} of {query:?}");
        for name in names {
            assert!(passes(&name), "{name} in {text:?} of {query:?}");
        }
    };
    let is_mutation = |name: &str| gatelodge::graphql::CREDENTIAL_FIELDS.contains(&name);
    check(&parts.introspection, &is_schema);
    check(&parts.upstream, &|name| {
        !OURS.contains(&name)
            && !is_schema(name)
            && !is_mutation(name)
            && name != "logout"
            && name != "_entities"
    });
    check(&parts.own, &|name| {
        !is_schema(name)
            && ![
                "tasks",
                "task",
                "taskCount",
                "echo",
                "addTask",
                "removeTask",
            ]
            .contains(&name)
    });
}

/// A part has only tokens of the document, at their places, and every token that runs is in a part.
fn check_tokens(document: &Document, plan: &Plan, parts: &Parts, query: &str) {
    // Other characters are replaced by spaces of another length.
    if !query.is_ascii() {
        return;
    }
    let tokens = tokens(query);
    let mut found = HashSet::new();
    for (text, is_own) in [
        (&parts.own, true),
        (&parts.introspection, false),
        (&parts.upstream, false),
    ] {
        // Where a joined field stood, the part has the user's id.
        if is_own && parts.joined > 0 {
            continue;
        }
        for token in text.iter().flat_map(|text| self::tokens(text)) {
            assert!(
                tokens.contains(&token),
                "{token:?} of {text:?} in {query:?}"
            );
            found.insert(token.0);
        }
    }
    if parts.joined > 0 {
        return;
    }
    let sides = [&parts.own, &parts.introspection, &parts.upstream];
    let is_mixed = sides.into_iter().flatten().count() > 1;
    let may_defer = parts.upstream.is_some() && !is_mixed;
    let mut running = Running {
        document,
        spans: vec![],
        left_out: vec![],
        may_defer,
    };
    let name = plan.name.as_deref();
    let operation = operations(document)
        .filter(|operation| operation.name.as_deref() == name)
        .last()
        .expect("it was chosen");
    running.spans.extend(operation.location());
    running.selections(&operation.selection_set);
    let within = |spans: &[SourceSpan], at: usize| {
        let mut spans = spans.iter();
        spans.any(|span| (span.offset()..span.end_offset()).contains(&at))
    };
    for (at, text) in &tokens {
        if within(&running.spans, *at) && !within(&running.left_out, *at) {
            assert!(
                found.contains(at),
                "{text} at {at} is in no part of {query:?}: {plan}",
                plan = show(parts)
            );
        } else if !within(&running.spans, *at) {
            assert!(
                !found.contains(at),
                "{text} at {at} does not run in {query:?}: {plan}",
                plan = show(parts)
            );
        }
    }
}

fn show(parts: &Parts) -> String {
    format!(
        "{:?} {:?} {:?}",
        parts.own, parts.introspection, parts.upstream
    )
}

/// What an operation reaches.
struct Running<'d> {
    document: &'d Document,
    /// The operation and its fragments.
    spans: Vec<SourceSpan>,
    /// The directives that no part keeps.
    left_out: Vec<SourceSpan>,
    may_defer: bool,
}

impl Running<'_> {
    fn selections(&mut self, selections: &[Selection]) {
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    self.directives(&field.directives);
                    self.selections(&field.selection_set);
                }
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.directives);
                    self.selections(&inline.selection_set);
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.directives);
                    let fragment = fragment(self.document, &spread.fragment_name);
                    if let Some(fragment) = fragment
                        && let Some(span) = fragment.location()
                        && !self.spans.contains(&span)
                    {
                        self.spans.push(span);
                        self.selections(&fragment.selection_set);
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &DirectiveList) {
        for directive in directives {
            if !self.may_defer && matches!(directive.name.as_str(), "defer" | "stream") {
                self.left_out.extend(directive.location());
            }
        }
    }
}

fn operations(document: &Document) -> impl Iterator<Item = &Node<OperationDefinition>> {
    let definitions = document.definitions.iter();
    definitions.filter_map(|definition| definition.as_operation_definition())
}

fn fragment<'d>(document: &'d Document, name: &str) -> Option<&'d Node<FragmentDefinition>> {
    let definitions = document.definitions.iter();
    definitions
        .filter_map(|definition| definition.as_fragment_definition())
        .find(|fragment| fragment.name == name)
}

/// Returns the names of all root fields.
fn roots(document: &Document, operation: &OperationDefinition) -> Vec<String> {
    let mut names = vec![];
    let mut visited = HashSet::new();
    let mut rest: Vec<&Selection> = operation.selection_set.iter().collect();
    while let Some(selection) = rest.pop() {
        match selection {
            Selection::Field(field) => names.push(field.name.to_string()),
            Selection::InlineFragment(inline) => rest.extend(&inline.selection_set),
            Selection::FragmentSpread(spread) => {
                if visited.insert(&spread.fragment_name)
                    && let Some(fragment) = fragment(document, &spread.fragment_name)
                {
                    rest.extend(&fragment.selection_set);
                }
            }
        }
    }
    names
}

/// Returns where each significant token begins, and its text.
fn tokens(text: &str) -> HashSet<(usize, String)> {
    let tokens = Lexer::new(text).filter_map(Result::ok);
    tokens
        .filter(|token| {
            !matches!(
                token.kind(),
                TokenKind::Whitespace | TokenKind::Comment | TokenKind::Comma | TokenKind::Eof
            )
        })
        .map(|token| (token.index(), token.data().to_owned()))
        .collect()
}
