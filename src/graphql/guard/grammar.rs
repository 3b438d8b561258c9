//! Corrects differences between the parser's grammar and the specification (apollo-parser 0.8, GraphQL of September
//! 2025).
//!
//! - The parser drops arguments and input fields without a value, such as `{ users(first) { … } }`. They are refused
//!   here.
//! - The parser fails at some commas, and does not know descriptions of operations, fragments and variables. Both have
//!   no effect on execution, so they are replaced by spaces. No byte moves.

use std::borrow::Cow;

use apollo_parser::TokenKind;

use super::{
    GuardError,
    tokens::{Token, Tokens, syntax_error},
};

/// The content of an open bracket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Selections, or a list.
    Other,
    /// A list of values, or a type.
    List,
    /// Names that each need a value: arguments, variable definitions, input fields.
    Named,
}

/// Returns the text for the parser.
pub fn parseable<'t>(text: &'t str, tokens: &Tokens) -> Result<Cow<'t, str>, GuardError> {
    let mut blank: Vec<_> = tokens
        .commas
        .iter()
        .map(|&comma| comma..comma + 1)
        .collect();
    let mut open = vec![];
    for (index, token) in tokens.all.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| tokens.all[before].kind);
        let after = tokens.all.get(index + 1);
        let is_value = matches!(before, Some(TokenKind::Colon | TokenKind::Eq));
        let inside = open.last().copied();
        match token.kind {
            TokenKind::LParen => open.push(Inside::Named),
            TokenKind::LBracket => open.push(Inside::List),
            TokenKind::LCurly if is_value || inside == Some(Inside::List) => {
                open.push(Inside::Named);
            }
            TokenKind::LCurly => open.push(Inside::Other),
            TokenKind::RParen | TokenKind::RBracket | TokenKind::RCurly => {
                open.pop();
            }
            TokenKind::Name if inside == Some(Inside::Named) => {
                let named = is_value || matches!(before, Some(TokenKind::At | TokenKind::Dollar));
                let has_value = after.is_some_and(|after| after.kind == TokenKind::Colon);
                if !named && !has_value {
                    return Err(syntax_error(text, token.bytes.start));
                }
            }
            TokenKind::StringValue if is_description(text, inside, before, after) => {
                blank.push(token.bytes.clone());
            }
            _ => {}
        }
    }
    if blank.is_empty() {
        return Ok(Cow::Borrowed(text));
    }
    let mut bytes = text.as_bytes().to_vec();
    for range in blank {
        // Line breaks stay, so that positions in the text stay too.
        for byte in &mut bytes[range] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }
    // Whole tokens were replaced, so the rest is still UTF-8.
    String::from_utf8(bytes)
        .map(Cow::Owned)
        .map_err(|_| syntax_error(text, 0))
}

/// Whether a string describes an operation, a fragment or a variable.
fn is_description(
    text: &str,
    inside: Option<Inside>,
    before: Option<TokenKind>,
    after: Option<&Token>,
) -> bool {
    let Some(after) = after else { return false };
    match inside {
        // At the start of a definition: at the start of the text, or after another definition.
        None => {
            matches!(before, None | Some(TokenKind::RCurly))
                && after.kind == TokenKind::Name
                && ["query", "mutation", "subscription", "fragment"]
                    .contains(&&text[after.bytes.clone()])
        }
        Some(Inside::Named) => {
            let is_value = matches!(before, Some(TokenKind::Colon | TokenKind::Eq));
            !is_value && after.kind == TokenKind::Dollar
        }
        Some(_) => false,
    }
}
