//! The guard, which measures each fragment once, finds what writing all fragments out finds.

use std::{
    collections::HashSet,
    sync::{Arc, LazyLock},
};

use apollo_compiler::{
    ast::{Definition, DirectiveList, Document, OperationType, Selection},
    parser::Parser,
};
use apollo_parser::{Lexer, TokenKind};
use gatelodge::{
    config::limits::Limits,
    graphql::{
        CREDENTIAL_FIELDS,
        error_code::ErrorCode,
        guard::{Guard, OperationRequest},
        published::published_schema,
    },
};

/// The maximum of selections that are written out: larger documents are left to the benches.
const MAX_SELECTIONS: usize = 20_000;
/// The guard's own bound on open brackets.
const MAX_NESTING: usize = 64;
/// The guard's own bounds on introspection.
const MAX_LISTS: usize = 2;
const MAX_INTROSPECTION_FIELDS: usize = 300;
/// How often a field of a connection counts.
const NODES: usize = 10;

/// Limits so low that small documents meet them.
static LIMITS: LazyLock<Limits> = LazyLock::new(|| {
    let config = gatelodge::cli::parse(["gatelodge".into()]).expect("settings");
    Limits {
        tokens: 300,
        depth: 6,
        complexity: 24,
        roots: 8,
        aliases: 6,
        arguments: 8,
        directives: 6,
        spreads: 10,
        ..config.limits
    }
});

/// A guard where introspection is off, and one where it is on.
static GUARDS: LazyLock<[Guard; 2]> = LazyLock::new(|| {
    let schema = Arc::new(published_schema().expect("the published schema"));
    [false, true].map(|on| Guard::new(LIMITS.clone(), on, Arc::clone(&schema)))
});

/// The bytes are a document.
pub fn check(bytes: &[u8]) {
    let Ok(query) = str::from_utf8(bytes) else {
        return;
    };
    for (guard, introspection) in GUARDS.iter().zip([false, true]) {
        let request = OperationRequest {
            query: Some(query.to_owned()),
            ..OperationRequest::default()
        };
        match guard.admit(&request) {
            Ok(_) => {
                let found = Naive::of(query).expect("an admitted document is small");
                assert!(!found.endless, "admitted: {query}");
                assert_eq!(found.exceeds(), None, "admitted: {query}");
                assert!(introspection || !found.about_schema, "admitted: {query}");
                assert!(
                    found.repeated_keys == 0 && found.credentials <= 1,
                    "admitted: {query}"
                );
            }
            Err(refusals) => {
                for refusal in refusals {
                    if refusal.code == ErrorCode::OperationTooComplex {
                        let found = Naive::of(query);
                        assert!(
                            found.is_none_or(|found| found.endless || found.exceeds().is_some()),
                            "{}: {query}",
                            refusal.message
                        );
                    }
                    if ["may not repeat a key", "only one of these fields"]
                        .iter()
                        .any(|words| refusal.message.contains(words))
                    {
                        let found = Naive::of(query).expect("an admitted document is small");
                        assert!(found.repeated_keys > 0 || found.credentials > 1, "{query}");
                    }
                }
            }
        }
    }
}

/// What a document asks for at most, in any of its operations and fragments, with everything written out.
#[derive(Default)]
struct Naive {
    tokens: usize,
    nesting: usize,
    max: Reservations,
    about_schema: bool,
    /// A fragment spreads itself, or one that is not there.
    endless: bool,
    nested_connections: bool,
    /// How often a key of a mutation's root is there again.
    repeated_keys: usize,
    credentials: usize,
}

#[derive(Clone, Copy, Default)]
struct Reservations {
    depth: usize,
    fields: usize,
    roots: usize,
    aliases: usize,
    arguments: usize,
    directives: usize,
    spreads: usize,
    connections: usize,
    introspection: usize,
    lists: usize,
}

/// Where a selection stands.
#[derive(Clone, Copy, Default)]
struct Place {
    depth: usize,
    spreads: usize,
    /// How often it is resolved.
    times: usize,
    in_connection: bool,
    introspection: bool,
    lists: usize,
}

impl Naive {
    /// `None` when there is too much to write out.
    fn of(query: &str) -> Option<Self> {
        let mut naive = Self::default();
        let mut open = 0_usize;
        for token in Lexer::new(query) {
            let Ok(token) = token else {
                return Some(naive);
            };
            match token.kind() {
                TokenKind::Whitespace | TokenKind::Comment | TokenKind::Comma | TokenKind::Eof => {
                    continue;
                }
                TokenKind::LCurly | TokenKind::LParen | TokenKind::LBracket => open += 1,
                TokenKind::RCurly | TokenKind::RParen | TokenKind::RBracket => {
                    open = open.saturating_sub(1);
                }
                _ => {}
            }
            naive.tokens += 1;
            naive.nesting = naive.nesting.max(open);
        }
        // What is refused before it is parsed must not be parsed here, either.
        if naive.exceeds().is_some() {
            return Some(naive);
        }
        let Ok(document) = Parser::new().parse_ast(query, "") else {
            return Some(naive);
        };
        let mut left = MAX_SELECTIONS;
        for definition in &document.definitions {
            let mut counts = Reservations::default();
            let (set, directives) = match definition {
                Definition::OperationDefinition(operation) => {
                    for variable in &operation.variables {
                        counts.add(&variable.directives);
                    }
                    (&operation.selection_set, &operation.directives)
                }
                Definition::FragmentDefinition(fragment) => {
                    (&fragment.selection_set, &fragment.directives)
                }
                _ => continue,
            };
            counts.add(directives);
            let place = Place {
                times: 1,
                ..Place::default()
            };
            naive.set(&document, set, place, &mut counts, &mut left);
            if let Definition::OperationDefinition(operation) = definition {
                if operation.operation_type == OperationType::Mutation && !naive.endless {
                    let mut roots = vec![];
                    root_fields(&document, set, &mut roots, &mut left);
                    let mut keys = HashSet::new();
                    naive.repeated_keys +=
                        roots.iter().filter(|(key, _)| !keys.insert(*key)).count();
                    let credentials = roots
                        .iter()
                        .filter(|(_, name)| CREDENTIAL_FIELDS.contains(name));
                    naive.credentials = naive.credentials.max(credentials.count());
                }
            } else {
                counts.roots = 0;
            }
            naive.max.raise(counts);
        }
        (left > 0).then_some(naive)
    }

    fn set<'d>(
        &mut self,
        document: &'d Document,
        set: &'d [Selection],
        place: Place,
        counts: &mut Reservations,
        left: &mut usize,
    ) {
        // A chain of more spreads than there are definitions comes back to one of them.
        if place.spreads > document.definitions.len() {
            self.endless = true;
            return;
        }
        for selection in set {
            if *left == 0 {
                return;
            }
            *left -= 1;
            match selection {
                Selection::Field(field) => {
                    let name = field.name.as_str();
                    let connection = ["sessions", "users", "securityEvents"].contains(&name);
                    self.nested_connections |= connection && place.in_connection;
                    counts.fields += place.times;
                    counts.connections += usize::from(connection);
                    counts.roots += usize::from(place.depth == 0);
                    counts.depth = counts.depth.max(place.depth + 1);
                    counts.aliases += usize::from(field.alias.is_some());
                    counts.arguments += field.arguments.len();
                    counts.add(&field.directives);
                    let mut inside = Place {
                        depth: place.depth + 1,
                        ..place
                    };
                    if place.introspection {
                        counts.introspection += place.times;
                        if [
                            "types",
                            "fields",
                            "inputFields",
                            "interfaces",
                            "possibleTypes",
                        ]
                        .contains(&name)
                        {
                            inside.lists += 1;
                            counts.lists = counts.lists.max(inside.lists);
                        }
                    }
                    if ["__schema", "__type"].contains(&name) {
                        self.about_schema = true;
                        inside.introspection = true;
                        inside.lists = 0;
                    }
                    if connection {
                        inside.in_connection = true;
                        inside.times *= NODES;
                    }
                    self.set(document, &field.selection_set, inside, counts, left);
                }
                Selection::InlineFragment(inline) => {
                    counts.add(&inline.directives);
                    self.set(document, &inline.selection_set, place, counts, left);
                }
                Selection::FragmentSpread(spread) => {
                    counts.spreads += 1;
                    counts.add(&spread.directives);
                    let Some(fragment) = fragment(document, &spread.fragment_name) else {
                        self.endless = true;
                        continue;
                    };
                    counts.add(&fragment.directives);
                    let place = Place {
                        spreads: place.spreads + 1,
                        ..place
                    };
                    self.set(document, &fragment.selection_set, place, counts, left);
                }
            }
        }
    }

    /// The name of a limit that the document exceeds.
    fn exceeds(&self) -> Option<&'static str> {
        let (max, limits) = (&self.max, &*LIMITS);
        [
            ("tokens", self.tokens, limits.tokens),
            ("brackets", self.nesting, MAX_NESTING),
            ("depth", max.depth, limits.depth),
            ("fields", max.fields, limits.complexity),
            ("roots", max.roots, limits.roots),
            ("aliases", max.aliases, limits.aliases),
            ("arguments", max.arguments, limits.arguments),
            ("directives", max.directives, limits.directives),
            ("spreads", max.spreads, limits.spreads),
            ("connections", max.connections, limits.roots),
            ("introspection", max.introspection, MAX_INTROSPECTION_FIELDS),
            ("lists", max.lists, MAX_LISTS),
            ("nested connections", self.nested_connections.into(), 0),
        ]
        .into_iter()
        .find(|(_, count, limit)| count > limit)
        .map(|(name, ..)| name)
    }
}

impl Reservations {
    fn add(&mut self, directives: &DirectiveList) {
        self.directives += directives.len();
        self.arguments += directives
            .iter()
            .map(|directive| directive.arguments.len())
            .sum::<usize>();
    }

    fn raise(&mut self, other: Self) {
        for (max, count) in [
            (&mut self.depth, other.depth),
            (&mut self.fields, other.fields),
            (&mut self.roots, other.roots),
            (&mut self.aliases, other.aliases),
            (&mut self.arguments, other.arguments),
            (&mut self.directives, other.directives),
            (&mut self.spreads, other.spreads),
            (&mut self.connections, other.connections),
            (&mut self.introspection, other.introspection),
            (&mut self.lists, other.lists),
        ] {
            *max = (*max).max(count);
        }
    }
}

fn fragment<'d>(
    document: &'d Document,
    name: &str,
) -> Option<&'d apollo_compiler::ast::FragmentDefinition> {
    document
        .definitions
        .iter()
        .find_map(|definition| match definition {
            Definition::FragmentDefinition(fragment) if fragment.name.as_str() == name => {
                Some(&**fragment)
            }
            _ => None,
        })
}

/// The keys and names of the root's fields, all fragments written out.
fn root_fields<'d>(
    document: &'d Document,
    set: &'d [Selection],
    fields: &mut Vec<(&'d str, &'d str)>,
    left: &mut usize,
) {
    for selection in set {
        if *left == 0 {
            return;
        }
        *left -= 1;
        match selection {
            Selection::Field(field) => {
                fields.push((field.response_name().as_str(), field.name.as_str()));
            }
            Selection::InlineFragment(inline) => {
                root_fields(document, &inline.selection_set, fields, left);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = fragment(document, &spread.fragment_name) {
                    root_fields(document, &fragment.selection_set, fields, left);
                }
            }
        }
    }
}
