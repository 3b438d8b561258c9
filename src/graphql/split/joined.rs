//! The document that asks the upstream for the fields that it adds to our users.

use std::{collections::HashSet, ops::Range};

use apollo_parser::TokenKind;
use async_graphql::Pos;

use super::{definitions::Definitions, facts::USER, text::Source};
use crate::graphql::guard::Lines;

/// A document for `_entities`, with one root field for each site in the client's document.
pub struct JoinedDocument {
    /// The text.
    pub text: String,
    /// The names of the variables that hold the representations, in the order of the sites.
    pub representations: Vec<String>,
    /// The names of the client's variables that it uses.
    pub variables: Vec<String>,
    segments: Vec<Segment>,
}

/// Lines that were copied from the client's document.
struct Segment {
    first_line: usize,
    lines: usize,
    origin: Pos,
}

/// Returns the key of a site's root field.
pub fn site_key(site: usize) -> String {
    format!("site{site}")
}

/// Builds the document. Each site is the tokens of the fields that it needs.
pub fn joined_document(
    source: Source<'_>,
    definitions: &Definitions<'_>,
    operation_name: Option<&str>,
    sites: &[Vec<Range<usize>>],
    foreign: &[Range<usize>],
) -> JoinedDocument {
    let mut ranges: Vec<Range<usize>> = sites.concat();
    let fragments = reached_fragments(source, definitions, &ranges, foreign);
    ranges.extend(fragments.iter().cloned());
    let used: HashSet<&str> = names_after(source, &ranges, foreign, TokenKind::Dollar).collect();
    let operation = definitions
        .operations
        .iter()
        .find(|operation| operation.name.as_deref() == operation_name);
    let mut builder = Builder {
        source,
        lines: Lines::of(source.text),
        text: "query".to_owned(),
        segments: vec![],
        foreign,
    };
    if let Some(name) = operation_name {
        builder.text.push(' ');
        builder.text.push_str(name);
    }
    let mut prefix = "representations".to_owned();
    while used.iter().any(|name| name.starts_with(&prefix)) {
        prefix.push('_');
    }
    let representations: Vec<_> = (0..sites.len())
        .map(|site| format!("{prefix}{site}"))
        .collect();
    builder.text.push('(');
    for name in &representations {
        builder.text.extend(["$", name, ": [_Any!]! "]);
    }
    let mut variables = vec![];
    for variable in operation
        .into_iter()
        .flat_map(|operation| &operation.variables)
    {
        if used.contains(variable.name.as_str()) {
            variables.push(variable.name.to_string());
            builder.copy(source.tokens_of(variable.location()));
        }
    }
    builder.text.push_str(") {");
    for (site, fields) in sites.iter().enumerate() {
        let (key, variable) = (site_key(site), &representations[site]);
        builder.text.extend([
            "\n",
            &key,
            ": _entities(representations: $",
            variable,
            ") { ... on ",
            USER,
            " {",
        ]);
        for field in fields {
            builder.copy(field.clone());
        }
        builder.text.push_str("\n} }");
    }
    builder.text.push_str("\n}");
    for fragment in fragments {
        builder.copy(fragment);
    }
    JoinedDocument {
        text: builder.text,
        representations,
        variables,
        segments: builder.segments,
    }
}

impl JoinedDocument {
    /// Returns the position in the client's document, if it was copied from there.
    pub fn origin(&self, position: Pos) -> Option<Pos> {
        let segment = self.segments.iter().find(|segment| {
            (segment.first_line..segment.first_line + segment.lines).contains(&position.line)
        })?;
        let line = position.line - segment.first_line;
        Some(Pos {
            line: segment.origin.line + line,
            column: if line == 0 {
                segment.origin.column + position.column.saturating_sub(1)
            } else {
                position.column
            },
        })
    }
}

struct Builder<'t> {
    source: Source<'t>,
    foreign: &'t [Range<usize>],
    lines: Lines<'t>,
    text: String,
    segments: Vec<Segment>,
}

impl Builder<'_> {
    /// Copies tokens of the client's document to a line of their own.
    fn copy(&mut self, tokens: Range<usize>) {
        let Some(first) = self.source.tokens.get(tokens.start) else {
            return;
        };
        let origin = self.lines.position(first.bytes.start);
        let slice = self.source.slice(tokens, self.foreign);
        self.text.push('\n');
        self.segments.push(Segment {
            first_line: Lines::of(&self.text).position(self.text.len()).line,
            lines: Lines::of(&slice).position(slice.len()).line,
            origin,
        });
        self.text.push_str(&slice);
    }
}

/// Returns the names that follow a kind of token.
fn names_after<'t>(
    source: Source<'t>,
    ranges: &[Range<usize>],
    foreign: &[Range<usize>],
    kind: TokenKind,
) -> impl Iterator<Item = &'t str> {
    let is_left_out = move |range: &Range<usize>, index| {
        // Our part may have a fragment around a joined field. That one is not of the upstream's document.
        let mut inside = foreign
            .iter()
            .filter(|tokens| range.contains(&tokens.start));
        inside.any(|tokens| tokens.contains(&index))
    };
    let indexes = ranges.iter().flat_map(move |range| {
        range
            .clone()
            .filter(move |index| !is_left_out(range, *index))
    });
    indexes.filter_map(move |index| {
        let token = source.tokens.get(index)?;
        let before = source.tokens.get(index.checked_sub(1)?)?;
        let is_name = token.kind == TokenKind::Name && before.kind == kind;
        is_name.then(|| source.token(index))
    })
}

/// Returns the tokens of the fragments that fields spread, and that those spread.
pub(super) fn reached_fragments(
    source: Source<'_>,
    definitions: &Definitions<'_>,
    fields: &[Range<usize>],
    foreign: &[Range<usize>],
) -> Vec<Range<usize>> {
    let mut reached = vec![];
    let mut visited = HashSet::new();
    let mut rest: Vec<Range<usize>> = fields.to_vec();
    while let Some(range) = rest.pop() {
        for name in names_after(source, &[range], foreign, TokenKind::Spread).collect::<Vec<_>>() {
            if let Some(fragment) = definitions.fragments.get(name)
                && visited.insert(name)
            {
                let tokens = source.tokens_of(fragment.location());
                reached.push(tokens.clone());
                rest.push(tokens);
            }
        }
    }
    reached
}
