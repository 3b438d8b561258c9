//! Puts the identity into an answer of the upstream while it streams through.
//!
//! Only the two outer objects are read: the answer and its `extensions`. Everything inside them is copied byte for byte, so
//! an answer of any size needs little memory. An `identity` of the upstream is dropped: clients trust it to be ours.

use std::mem;

/// Maximum bytes of a key in the two outer objects. The keys of GraphQL are short. A longer one is refused while the answer can
/// still be refused as a whole: its first 64 KiB are read before a byte is sent.
const MAX_KEY: usize = 1024;

/// The answer is not one JSON object.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

/// Splices one answer.
pub struct Splicer {
    /// `"identity":"…"`, or nothing if it is not known.
    member: String,
    state: State,
    level: Level,
    key: Vec<u8>,
    /// Whether the current member is copied.
    keeps: bool,
    has_extensions: bool,
    /// Whether the current object has a member yet.
    has_member: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Answer,
    Extensions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    /// A key must follow, or the end of an object that is still empty.
    Open,
    /// A key must follow.
    Comma,
    Key {
        is_escaped: bool,
    },
    Colon,
    BeforeValue,
    /// In a value: the open brackets, and whether it is inside a string.
    Value {
        depth: usize,
        string: InString,
    },
    /// In a number, `true`, `false` or `null`.
    Literal,
    AfterValue,
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InString {
    No,
    Yes,
    Escaped,
}

impl Splicer {
    /// Begins an answer with this identity.
    pub fn new(identity: Option<&str>) -> Self {
        let member =
            identity.map(|identity| format!("\"identity\":{}", serde_json::Value::from(identity)));
        Self {
            member: member.unwrap_or_default(),
            state: State::Start,
            level: Level::Answer,
            key: vec![],
            keeps: true,
            has_extensions: false,
            has_member: false,
        }
    }

    /// Adds the next bytes of the answer, and returns what to send for them.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Vec<u8>, Malformed> {
        let mut out = Vec::with_capacity(chunk.len() + self.member.len() + 32);
        let mut rest = chunk;
        while let Some((&byte, after)) = rest.split_first() {
            rest = match self.state {
                State::Value { depth, string } => self.value(rest, depth, string, &mut out),
                State::Literal => self.literal(rest, &mut out),
                _ => {
                    self.structure(byte, &mut out)?;
                    after
                }
            };
        }
        Ok(out)
    }

    /// Ends the answer. Fails if it is not complete.
    pub fn finish(&self) -> Result<(), Malformed> {
        if self.state == State::End {
            Ok(())
        } else {
            Err(Malformed)
        }
    }

    /// Reads a byte of the structure of the two outer objects.
    fn structure(&mut self, byte: u8, out: &mut Vec<u8>) -> Result<(), Malformed> {
        let is_space = matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.state = match (self.state, byte) {
            (State::Key { is_escaped }, _) => return self.key(byte, is_escaped, out),
            (state, _) if is_space => state,
            (State::Start, b'{') => {
                out.push(b'{');
                State::Open
            }
            (State::Open | State::Comma, b'"') => {
                self.key.clear();
                State::Key { is_escaped: false }
            }
            (State::Open | State::AfterValue, b'}') => self.close(out),
            (State::AfterValue, b',') => State::Comma,
            (State::Colon, b':') => State::BeforeValue,
            (State::BeforeValue, _) => return self.begin_value(byte, out),
            _ => return Err(Malformed),
        };
        Ok(())
    }

    fn key(&mut self, byte: u8, is_escaped: bool, out: &mut Vec<u8>) -> Result<(), Malformed> {
        if byte == b'"' && !is_escaped {
            self.state = State::Colon;
            return self.begin_member(out);
        }
        if self.key.len() == MAX_KEY {
            return Err(Malformed);
        }
        self.key.push(byte);
        let is_escaped = byte == b'\\' && !is_escaped;
        self.state = State::Key { is_escaped };
        Ok(())
    }

    /// Decides what happens to a member, and writes its key.
    fn begin_member(&mut self, out: &mut Vec<u8>) -> Result<(), Malformed> {
        let quoted = [b"\"", self.key.as_slice(), b"\""].concat();
        // A key may be written with escapes.
        let key: String = serde_json::from_slice(&quoted).map_err(|_| Malformed)?;
        self.keeps = match (self.level, key.as_str()) {
            (Level::Answer, "extensions") => !mem::replace(&mut self.has_extensions, true),
            (Level::Extensions, "identity") => false,
            _ => true,
        };
        if self.keeps {
            if mem::replace(&mut self.has_member, true) {
                out.push(b',');
            }
            out.extend(&quoted);
            out.push(b':');
        }
        // The key decides what follows, so a kept `extensions` is recognized by it.
        self.key = key.into_bytes();
        Ok(())
    }

    fn begin_value(&mut self, byte: u8, out: &mut Vec<u8>) -> Result<(), Malformed> {
        if self.level == Level::Answer && self.key == b"extensions" && self.keeps {
            out.push(b'{');
            out.extend(self.member.as_bytes());
            if byte == b'{' {
                self.level = Level::Extensions;
                self.has_member = !self.member.is_empty();
                self.state = State::Open;
                return Ok(());
            }
            // Null, or not what GraphQL allows: ours replaces it.
            out.push(b'}');
            self.keeps = false;
        }
        self.state = match byte {
            b'"' => State::Value {
                depth: 0,
                string: InString::Yes,
            },
            b'{' | b'[' => State::Value {
                depth: 1,
                string: InString::No,
            },
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => State::Literal,
            _ => return Err(Malformed),
        };
        if self.keeps {
            out.push(byte);
        }
        Ok(())
    }

    /// Copies a value up to its end, or to the end of the bytes. Returns the bytes after it.
    fn value<'b>(
        &mut self,
        bytes: &'b [u8],
        mut depth: usize,
        mut string: InString,
        out: &mut Vec<u8>,
    ) -> &'b [u8] {
        let mut length = bytes.len();
        let mut is_over = false;
        for (index, &byte) in bytes.iter().enumerate() {
            match (string, byte) {
                (InString::Yes, b'\\') => string = InString::Escaped,
                (InString::Yes, b'"') => {
                    string = InString::No;
                    is_over = depth == 0;
                }
                (InString::Escaped, _) | (InString::No, b'"') => string = InString::Yes,
                (InString::No, b'{' | b'[') => depth += 1,
                (InString::No, b'}' | b']') => {
                    depth -= 1;
                    is_over = depth == 0;
                }
                (InString::Yes | InString::No, _) => {}
            }
            if is_over {
                length = index + 1;
                break;
            }
        }
        let (value, rest) = bytes.split_at(length);
        if self.keeps {
            out.extend(value);
        }
        self.state = if is_over {
            State::AfterValue
        } else {
            State::Value { depth, string }
        };
        rest
    }

    fn literal<'b>(&mut self, bytes: &'b [u8], out: &mut Vec<u8>) -> &'b [u8] {
        let is_part =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let end = bytes.iter().position(|byte| !is_part(byte));
        let (value, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
        if self.keeps {
            out.extend(value);
        }
        if end.is_some() {
            self.state = State::AfterValue;
        }
        rest
    }

    /// Closes one of the two outer objects.
    fn close(&mut self, out: &mut Vec<u8>) -> State {
        if self.level == Level::Extensions {
            self.level = Level::Answer;
            self.has_member = true;
            out.push(b'}');
            return State::AfterValue;
        }
        if !self.has_extensions && !self.member.is_empty() {
            if self.has_member {
                out.push(b',');
            }
            out.extend(b"\"extensions\":{");
            out.extend(self.member.as_bytes());
            out.push(b'}');
        }
        out.push(b'}');
        State::End
    }
}

#[cfg(test)]
mod tests;
