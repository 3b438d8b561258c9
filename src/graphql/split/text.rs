//! Part of a document's text: some of its tokens, at their places.
//!
//! A part is not printed from a parsed document, because that would change literals: a printer rounds long numbers. The
//! kept tokens are copied byte for byte. Everything else becomes spaces: comments too, because two servers may disagree on
//! where a comment ends. Line breaks stay, so that positions in the part are positions in the document.

use std::{collections::HashMap, ops::Range};

use apollo_compiler::parser::SourceSpan;
use apollo_parser::TokenKind;

use async_graphql::Pos;

use crate::graphql::guard::{Lines, Token};

/// Directives that let a server answer a part later. A server may ignore them, and merged answers are complete.
pub const INCREMENTAL: [&str; 2] = ["defer", "stream"];

/// A document's text and its tokens, in order.
#[derive(Clone, Copy)]
pub struct Source<'t> {
    /// The text.
    pub text: &'t str,
    /// Its significant tokens.
    pub tokens: &'t [Token],
}

impl<'t> Source<'t> {
    /// Returns the tokens of a parsed node. It is empty for a node without a position.
    pub fn tokens_of(self, location: Option<SourceSpan>) -> Range<usize> {
        let Some(span) = location else { return 0..0 };
        let at = |offset| {
            self.tokens
                .partition_point(|token| token.bytes.start < offset)
        };
        at(span.offset())..at(span.end_offset())
    }

    /// Returns a token's text.
    pub fn token(self, index: usize) -> &'t str {
        let token = self.tokens.get(index);
        token
            .and_then(|token| self.text.get(token.bytes.clone()))
            .unwrap_or_default()
    }

    /// Returns the end of a directive, with its arguments.
    fn end_of_directive(self, at: usize) -> usize {
        let kinds = self.tokens.iter().map(|token| token.kind).enumerate();
        let mut rest = kinds.skip(at + 2);
        match rest.next() {
            // Brackets of this kind do not nest in values.
            Some((_, TokenKind::LParen)) => rest
                .find(|(_, kind)| *kind == TokenKind::RParen)
                .map_or(at + 2, |(end, _)| end + 1),
            _ => at + 2,
        }
    }

    /// Returns the text of consecutive tokens, without comments, incremental directives and foreign fragments.
    pub fn slice(self, tokens: Range<usize>, foreign: &[Range<usize>]) -> String {
        let Some(first) = self.tokens.get(tokens.start) else {
            return String::new();
        };
        let mut part = Part::new(self);
        part.keep(tokens.clone());
        for at in tokens.clone() {
            if self.tokens[at].kind == TokenKind::At && INCREMENTAL.contains(&self.token(at + 1)) {
                part.drop(at..self.end_of_directive(at));
            }
        }
        // The outer ones come first, and take the inner ones with them.
        for fragment in foreign {
            if tokens.contains(&fragment.start) && part.has(fragment.start) {
                part.replace_by_nothing(fragment.clone());
            }
        }
        let rendered = part.render_from(first.bytes.start);
        rendered.text
    }
}

/// The part of a document that one side gets.
pub struct Part<'t> {
    source: Source<'t>,
    kept: Vec<bool>,
    replaced: HashMap<usize, String>,
}

/// The text of a part.
pub struct Rendered {
    /// The text.
    pub text: String,
    /// Where each replaced token begins in the text, in bytes, the token's index, and its new length in characters.
    pub replaced: Vec<(usize, usize, usize)>,
}

/// Where a part's positions are not those of the document: behind each token whose text was replaced.
#[derive(Clone, Debug, Default)]
pub struct Shifts(Vec<Shift>);

#[derive(Clone, Debug)]
struct Shift {
    /// Where the replaced token begins in the part.
    begin: Pos,
    /// How many characters the part has more there than the document.
    added: isize,
}

impl Shifts {
    /// Returns the position in the document.
    pub fn original(&self, position: Pos) -> Pos {
        let before = self.0.iter().filter(|shift| {
            shift.begin.line == position.line && shift.begin.column < position.column
        });
        let added: isize = before.map(|shift| shift.added).sum();
        Pos {
            line: position.line,
            column: position.column.saturating_add_signed(-added).max(1),
        }
    }
}

impl Rendered {
    /// Returns where the part's positions are not those of the document.
    pub fn shifts(&self, source: Source<'_>) -> Shifts {
        let lines = Lines::of(&self.text);
        let shift = |(begin, token, length): &(usize, usize, usize)| Shift {
            begin: lines.position(*begin),
            added: length.cast_signed() - source.token(*token).chars().count().cast_signed(),
        };
        Shifts(self.replaced.iter().map(shift).collect())
    }
}

impl<'t> Part<'t> {
    /// Creates a part without tokens.
    pub fn new(source: Source<'t>) -> Self {
        Self {
            source,
            kept: vec![false; source.tokens.len()],
            replaced: HashMap::new(),
        }
    }

    /// Keeps tokens.
    pub fn keep(&mut self, tokens: Range<usize>) {
        if let Some(kept) = self.kept.get_mut(tokens) {
            kept.fill(true);
        }
    }

    /// Drops tokens.
    pub fn drop(&mut self, tokens: Range<usize>) {
        if let Some(kept) = self.kept.get_mut(tokens) {
            kept.fill(false);
        }
    }

    /// Whether a token is kept.
    pub fn has(&self, token: usize) -> bool {
        self.kept.get(token).copied().unwrap_or(false)
    }

    /// Keeps a token, but with another text.
    pub fn replace(&mut self, token: usize, text: impl Into<String>) {
        self.keep(token..token + 1);
        self.replaced.insert(token, text.into());
    }

    /// Leaves out a fragment of a selection set. If nothing else is in the set, a field that is skipped takes its place.
    pub fn leave_out(&mut self, tokens: Range<usize>, is_alone: bool) {
        if is_alone {
            self.replace_by_nothing(tokens);
        } else {
            self.drop(tokens);
        }
    }

    /// Replaces a fragment of a selection set by a field that is skipped, so that the set stays valid.
    pub fn replace_by_nothing(&mut self, tokens: Range<usize>) {
        let first = tokens.start;
        self.drop(tokens);
        self.replace(first, "__typename@skip(if:true)");
    }

    /// Returns the text of the part.
    pub fn render(&self) -> Rendered {
        self.render_from(0)
    }

    fn render_from(&self, start: usize) -> Rendered {
        let Source { text, tokens } = self.source;
        let mut rendered = Rendered {
            text: String::with_capacity(text.len() - start.min(text.len())),
            replaced: vec![],
        };
        let (mut end, mut excess) = (start, 0);
        for (index, token) in tokens.iter().enumerate() {
            if token.bytes.start < start || !self.has(index) {
                continue;
            }
            // Spaces behind a longer text make up for its length, so that positions stay right.
            let saved = blank(&mut rendered.text, text.get(end..token.bytes.start), excess);
            if let Some((_, _, length)) = rendered.replaced.last_mut() {
                *length -= saved;
            }
            excess = 0;
            if let Some(other) = self.replaced.get(&index) {
                let length = other.chars().count();
                excess = length.saturating_sub(self.source.token(index).chars().count());
                rendered.replaced.push((rendered.text.len(), index, length));
                rendered.text.push_str(other);
            } else {
                rendered.text.push_str(self.source.token(index));
            }
            end = token.bytes.end;
        }
        rendered
    }
}

/// Adds spaces for a text that is left out, and its line breaks. A character beyond the Basic Multilingual Plane becomes
/// two spaces: servers in JavaScript count it as two columns. Leaves out up to `excess` spaces before the first line break,
/// but not all. Returns how many.
fn blank(rendered: &mut String, left_out: Option<&str>, excess: usize) -> usize {
    let left_out = left_out.unwrap_or_default();
    let first_line = left_out.split(['\n', '\r']).next().unwrap_or_default();
    let spaces: usize = first_line.chars().map(char::len_utf16).sum();
    let saved = excess.min(spaces.saturating_sub(1));
    rendered.extend(std::iter::repeat_n(' ', spaces - saved));
    for character in left_out[first_line.len()..].chars() {
        match character {
            '\n' | '\r' => rendered.push(character),
            _ => rendered.extend(std::iter::repeat_n(' ', character.len_utf16())),
        }
    }
    saved
}
