//! Counts a document's tokens and brackets before anything parses it (GraphQL, section 2.1).
//!
//! The parser recurses: a document of nothing but opening brackets would end the process by its stack.

use super::Refusal;
use crate::graphql::code::ErrorCode;

/// Brackets open at once; the parser's own bound for fields is the same.
const MAX_NESTING: usize = 64;

/// Refuses a document of more than `most` tokens or too many open brackets.
pub fn check(document: &str, most: usize) -> Result<(), Refusal> {
    let bytes = document.as_bytes();
    let (mut at, mut tokens, mut open) = (0, 0, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        let rest = &bytes[at..];
        let length = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at += rest
                    .iter()
                    .position(|byte| matches!(byte, b'\n' | b'\r'))
                    .unwrap_or(rest.len());
                continue;
            }
            _ if rest.starts_with(b"\xEF\xBB\xBF") => {
                at += 3;
                continue;
            }
            b'"' => string(rest).ok_or_else(|| {
                Refusal::new(ErrorCode::ParseFailed, "A string of the document does not end")
            })?,
            b'.' if rest.starts_with(b"...") => 3,
            b'{' | b'(' | b'[' => {
                open += 1;
                1
            }
            b'}' | b')' | b']' => {
                open = open.saturating_sub(1);
                1
            }
            b'_' | b'-' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => rest
                .iter()
                .position(|byte| {
                    !matches!(byte, b'_' | b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z')
                })
                .unwrap_or(rest.len()),
            // Anything else is one token, or for the parser to refuse.
            _ => 1,
        };
        at += length;
        tokens += 1;
        if tokens > most {
            return Err(Refusal::too_complex("tokens", most));
        }
        if open > MAX_NESTING {
            return Err(Refusal::new(
                ErrorCode::OperationTooComplex,
                format!(
                    "The document is nested too deeply: at most {MAX_NESTING} brackets may be open"
                ),
            ));
        }
    }
    Ok(())
}

/// Returns the length of the string, or block string, at the start of `rest`; `None` when it does not end.
///
/// The parser reads an open block string as an empty string and goes on behind it. Nothing of such a document may
/// reach it: what looks like text here would be brackets there, and enough of them end the process.
fn string(rest: &[u8]) -> Option<usize> {
    let (quote, escape): (&[u8], &[u8]) = if rest.starts_with(br#"""""#) {
        (br#"""""#, br#"\""""#)
    } else {
        (b"\"", b"\\")
    };
    let plain = quote.len() == 1;
    let mut at = quote.len();
    while at < rest.len() {
        if rest[at..].starts_with(escape) {
            // In a plain string the escape takes the next byte with it.
            at += escape.len() + usize::from(plain);
        } else if rest[at..].starts_with(quote) {
            return Some(at + quote.len());
        } else if plain && matches!(rest[at], b'\n' | b'\r') {
            return None;
        } else {
            at += 1;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(document: &str, tokens: usize) {
        assert!(
            check(document, tokens).is_ok(),
            "more than {tokens}: {document}"
        );
        assert!(
            check(document, tokens - 1).is_err(),
            "fewer than {tokens}: {document}"
        );
    }

    #[test]
    fn names_numbers_strings_and_signs_are_a_token_each() {
        counts("{ me { id } }", 6);
        counts("{a(b:-1.5e+3,c:\"x y\"){...F @d}}", 17);
        counts(r#"{a(b:"\"}}}\\")}"#, 8);
        counts("{a(b:\"\"\"two \"quoted\" \\\"\"\" words\"\"\")}", 8);
    }

    #[test]
    fn white_space_commas_comments_and_byte_order_marks_are_none() {
        counts("\u{FEFF}{,,, me # { { {\n}", 3);
    }

    #[test]
    fn brackets_inside_strings_do_not_nest() {
        assert!(check(&format!("{{a(b:\"{}\")}}", "[".repeat(1000)), 100).is_ok());
        assert!(check(&"[".repeat(65), 100).is_err());
        assert!(check(&"[".repeat(64), 100).is_ok());
        assert!(check(&"[]".repeat(1000), 2000).is_ok());
    }

    #[test]
    fn a_string_that_does_not_end_is_refused() {
        for open in [
            "{a(b:\"",
            "{a(b:\"\"\"x\"\"",
            "\"\\",
            "{a(b:\"x\ny\")}",
            "\"\"\"\\\"\"\"",
        ] {
            let refusal = check(open, 10).err();
            let code = refusal.map(|refusal| refusal.code);
            assert_eq!(code, Some(ErrorCode::ParseFailed), "{open:?}");
        }
    }
}
