//! Counts a document's tokens before it is parsed (GraphQL, section 2.1).
//!
//! The tokens come from the parser's own lexer, so both read the bytes the same way. The parser is recursive: a
//! document of many opening brackets would overflow its stack.

use std::ops::Range;

use apollo_parser::{Lexer, TokenKind};

use super::{GuardError, position::Lines};
use crate::graphql::error_code::ErrorCode;

/// The maximum of open brackets.
const MAX_NESTING: usize = 64;

/// The tokens of a document.
#[derive(Default)]
pub struct Tokens {
    /// All significant tokens, in order.
    pub all: Vec<Token>,
    /// The byte offsets of commas, which are insignificant (section 2.1.6).
    pub commas: Vec<usize>,
}

/// A significant token.
pub struct Token {
    /// Its kind.
    pub kind: TokenKind,
    /// Its bytes.
    pub bytes: Range<usize>,
}

impl Tokens {
    /// Reads a document's tokens. Refuses more than `max` tokens, too many open brackets, and invalid tokens.
    pub fn of(text: &str, max: usize) -> Result<Self, GuardError> {
        let mut tokens = Self::default();
        let (mut open, mut end) = (0_usize, 0);
        for token in Lexer::new(text) {
            let token = token.map_err(|_| syntax_error(text, end))?;
            let (kind, start) = (token.kind(), token.index());
            end = start + token.data().len();
            match kind {
                // Each takes a byte, so the limit on the body's bytes covers them.
                TokenKind::Whitespace | TokenKind::Comment | TokenKind::Eof => continue,
                TokenKind::Comma => {
                    tokens.commas.push(start);
                    continue;
                }
                TokenKind::LCurly | TokenKind::LParen | TokenKind::LBracket => open += 1,
                TokenKind::RCurly | TokenKind::RParen | TokenKind::RBracket => {
                    open = open.saturating_sub(1);
                }
                TokenKind::StringValue if breaks_line(token.data()) => {
                    return Err(syntax_error(text, start));
                }
                _ => {}
            }
            if tokens.all.len() == max {
                return Err(GuardError::too_many("tokens", max));
            }
            if open > MAX_NESTING {
                return Err(GuardError::new(
                    ErrorCode::OperationTooComplex,
                    format!(
                        "The document is nested too deeply: at most {MAX_NESTING} brackets may be open"
                    ),
                ));
            }
            let bytes = start..end;
            tokens.all.push(Token { kind, bytes });
        }
        Ok(tokens)
    }
}

/// Whether a string, except a block string, has a line break. The lexer misses one at the string's start.
fn breaks_line(string: &str) -> bool {
    !string.starts_with(r#"""""#) && string.contains(['\n', '\r'])
}

/// Returns the error of a document that is not GraphQL. It has only the position: the document may hold a password.
pub fn syntax_error(text: &str, offset: usize) -> GuardError {
    let position = Lines::of(text).position(offset);
    let message = format!(
        "Syntax error in line {}, column {}",
        position.line, position.column
    );
    GuardError {
        position: Some(position),
        ..GuardError::new(ErrorCode::ParseFailed, message)
    }
}
