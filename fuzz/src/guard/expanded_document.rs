//! A document with all fragments expanded, and what it asks for.

use std::collections::HashSet;

use apollo_compiler::{
    ast::{Definition, DirectiveList, Document, OperationType, Selection},
    parser::Parser,
};
use apollo_parser::{Lexer, TokenKind};
use gatelodge::graphql::CREDENTIAL_FIELDS;

use super::LIMITS;

/// Maximum number of selections after expansion. The benches test larger documents.
const MAX_SELECTIONS: usize = 20_000;
/// The guard's limit on open brackets.
const MAX_NESTING: usize = 64;
/// The guard's limits on introspection.
const MAX_LISTS: usize = 2;
const MAX_INTROSPECTION_FIELDS: usize = 300;
/// How many times a field inside a connection counts.
const NODES: usize = 10;

/// The highest counts of any operation or fragment of a document, with all fragments expanded.
#[derive(Default)]
pub struct ExpandedDocument {
    tokens: usize,
    nesting: usize,
    max: Counts,
    /// Whether it uses introspection.
    pub about_schema: bool,
    /// Whether a fragment spreads itself or a missing fragment.
    pub endless: bool,
    nested_connections: bool,
    /// How many root keys of a mutation are repeated.
    pub repeated_keys: usize,
    /// How many root fields take a password.
    pub credentials: usize,
}

#[derive(Clone, Copy, Default)]
struct Counts {
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

/// The position of a selection.
#[derive(Clone, Copy, Default)]
struct Position {
    depth: usize,
    spreads: usize,
    /// How many times it is resolved.
    times: usize,
    in_connection: bool,
    introspection: bool,
    lists: usize,
}

impl ExpandedDocument {
    /// Expands a document. Returns `None` if it is too large.
    pub fn of(query: &str) -> Option<Self> {
        let mut expanded = Self::default();
        let mut open = 0_usize;
        for token in Lexer::new(query) {
            let Ok(token) = token else {
                return Some(expanded);
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
            expanded.tokens += 1;
            expanded.nesting = expanded.nesting.max(open);
        }
        // The guard refuses such a document before it parses it, so it must not be parsed here.
        if expanded.exceeds().is_some() {
            return Some(expanded);
        }
        let Ok(document) = Parser::new().parse_ast(query, "") else {
            return Some(expanded);
        };
        let mut left = MAX_SELECTIONS;
        for definition in &document.definitions {
            let mut counts = Counts::default();
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
            let position = Position {
                times: 1,
                ..Position::default()
            };
            expanded.set(&document, set, position, &mut counts, &mut left);
            if let Definition::OperationDefinition(operation) = definition {
                if operation.operation_type == OperationType::Mutation && !expanded.endless {
                    let mut roots = vec![];
                    root_fields(&document, set, &mut roots, &mut left);
                    let mut keys = HashSet::new();
                    expanded.repeated_keys +=
                        roots.iter().filter(|(key, _)| !keys.insert(*key)).count();
                    let credentials = roots
                        .iter()
                        .filter(|(_, name)| CREDENTIAL_FIELDS.contains(name));
                    expanded.credentials = expanded.credentials.max(credentials.count());
                }
            } else {
                counts.roots = 0;
            }
            expanded.max.raise(counts);
        }
        (left > 0).then_some(expanded)
    }

    fn set<'d>(
        &mut self,
        document: &'d Document,
        set: &'d [Selection],
        position: Position,
        counts: &mut Counts,
        left: &mut usize,
    ) {
        // A chain of more spreads than definitions repeats one of them.
        if position.spreads > document.definitions.len() {
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
                    self.nested_connections |= connection && position.in_connection;
                    counts.fields += position.times;
                    counts.connections += usize::from(connection);
                    counts.roots += usize::from(position.depth == 0);
                    counts.depth = counts.depth.max(position.depth + 1);
                    counts.aliases += usize::from(field.alias.is_some());
                    counts.arguments += field.arguments.len();
                    counts.add(&field.directives);
                    let mut inside = Position {
                        depth: position.depth + 1,
                        ..position
                    };
                    if position.introspection {
                        counts.introspection += position.times;
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
                    self.set(document, &inline.selection_set, position, counts, left);
                }
                Selection::FragmentSpread(spread) => {
                    counts.spreads += 1;
                    counts.add(&spread.directives);
                    let Some(fragment) = fragment(document, &spread.fragment_name) else {
                        self.endless = true;
                        continue;
                    };
                    counts.add(&fragment.directives);
                    let position = Position {
                        spreads: position.spreads + 1,
                        ..position
                    };
                    self.set(document, &fragment.selection_set, position, counts, left);
                }
            }
        }
    }

    /// Returns the name of a limit that the document exceeds, if any.
    pub fn exceeds(&self) -> Option<&'static str> {
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

impl Counts {
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

/// Collects the keys and names of the root fields, with all fragments expanded.
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
