//! Finds the elements of a JSON array, each as the bytes that it is written in: one that is broken does not end the file.

use std::io::{self, BufRead};

use super::budget::{ROW, TOO_LONG};

/// A JSON array that is read element by element.
pub struct Elements<R> {
    file: R,
    begun: bool,
}

/// Why the array cannot be read further.
type Broken = Box<dyn std::error::Error + Send + Sync>;

impl<R: BufRead> Elements<R> {
    /// Of an array that nothing is before.
    pub fn of(file: R) -> Self {
        Self { file, begun: false }
    }

    /// Reads the next element's bytes; false after the last one. They need not be JSON: only their end is looked for.
    pub fn next(&mut self, element: &mut Vec<u8>) -> Result<bool, Broken> {
        element.clear();
        let first = !std::mem::replace(&mut self.begun, true);
        if first && !self.passes(b'[')? {
            return Err("it is no JSON array".into());
        }
        if self.passes(b']')? {
            return match self.after_space()? {
                None => Ok(false),
                Some(_) => Err("something is there after the array".into()),
            };
        }
        if !first && !self.passes(b',')? {
            return Err(match self.after_space()? {
                None => ENDS.into(),
                Some(_) => "neither a comma nor the array's end is next".into(),
            });
        }
        self.after_space()?;
        self.element(element)?;
        if element.is_empty() {
            return Err("an element is missing".into());
        }
        Ok(true)
    }

    /// Whether this byte is next, after space. Then it is passed.
    fn passes(&mut self, byte: u8) -> io::Result<bool> {
        let is_next = self.after_space()? == Some(byte);
        self.file.consume(usize::from(is_next));
        Ok(is_next)
    }

    /// The next byte that is no space, if the file has one.
    fn after_space(&mut self) -> io::Result<Option<u8>> {
        loop {
            self.fill()?;
            let buffer = self.file.fill_buf()?;
            let space = buffer.iter().take_while(|byte| is_space(**byte)).count();
            let (next, ended) = (buffer.get(space).copied(), buffer.is_empty());
            self.file.consume(space);
            if next.is_some() || ended {
                return Ok(next);
            }
        }
    }

    fn element(&mut self, element: &mut Vec<u8>) -> Result<(), Broken> {
        let mut scan = Scan::default();
        loop {
            self.fill()?;
            let buffer = self.file.fill_buf()?;
            if buffer.is_empty() {
                return Err(ENDS.into());
            }
            let end = scan.end(buffer);
            let read = end.unwrap_or(buffer.len());
            element.extend_from_slice(&buffer[..read]);
            self.file.consume(read);
            if element.len() as u64 > ROW {
                return Err(TOO_LONG.into());
            }
            if end.is_some() {
                return Ok(());
            }
        }
    }

    /// Reads ahead, if nothing is left: a signal is no end.
    fn fill(&mut self) -> io::Result<()> {
        loop {
            match self.file.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                filled => return filled.map(|_| ()),
            }
        }
    }
}

const ENDS: &str = "it ends in the middle";

/// Where in an element the reader is.
#[derive(Default)]
struct Scan {
    /// Brackets that are open: they are counted and not recursed into.
    depth: u64,
    within: Within,
}

#[derive(Default, PartialEq, Eq)]
enum Within {
    #[default]
    Nothing,
    /// A number, `true`, `false`, `null`, or what is none of these.
    Word,
    String,
    /// The byte after a backslash.
    Escape,
}

impl Scan {
    /// Where in these bytes the element ends, if it does: before a byte that is none of it, or after its own last one.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, &byte) in bytes.iter().enumerate() {
            match (&self.within, byte) {
                (Within::Word, b'"' | b'{' | b'[') if self.depth == 0 => return Some(at),
                (Within::Escape, _) | (Within::Nothing | Within::Word, b'"') => {
                    self.within = Within::String;
                }
                (Within::String, b'\\') => self.within = Within::Escape,
                (Within::String, b'"') => {
                    self.within = Within::Nothing;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                (Within::String, _) => {}
                (_, b'{' | b'[') => self.depth += 1,
                (_, b'}' | b']') if self.depth > 0 => {
                    self.within = Within::Nothing;
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                (_, b'}' | b']' | b',') if self.depth == 0 => return Some(at),
                (_, byte) if self.depth == 0 && is_space(byte) => return Some(at),
                _ if self.depth == 0 => self.within = Within::Word,
                _ => {}
            }
        }
        None
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::{collection::vec, prelude::*};
    use serde_json::Value;

    use super::*;

    /// The elements' bytes, or why there are none, however few bytes are read at once.
    fn elements(bytes: &[u8], at_once: usize) -> Result<Vec<Vec<u8>>, String> {
        let mut elements = Elements::of(BufReader::with_capacity(at_once, bytes));
        let (mut all, mut element) = (vec![], vec![]);
        while elements
            .next(&mut element)
            .map_err(|error| error.to_string())?
        {
            all.push(element.clone());
        }
        Ok(all)
    }

    /// The array, if it is one and all its elements are JSON.
    fn values(bytes: &[u8], at_once: usize) -> Option<Vec<Value>> {
        let elements = elements(bytes, at_once).ok()?;
        elements
            .iter()
            .map(|element| serde_json::from_slice(element).ok())
            .collect()
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
            r#"[\\"\[\]{},: ]*"#.prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..4).prop_map(Value::from),
                vec((r#"[a\\"{}\[\],]*"#, inner), 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    fn config() -> ProptestConfig {
        // What is found belongs into a test of its own, not into a file.
        ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::default()
        }
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn the_elements_of_any_array_come_out_as_they_are(
            array in vec((json(), any::<bool>(), "[ \t\r\n]{0,3}", "[ \t\r\n]{0,3}"), 0..6),
            outside in "[ \t\r\n]{0,3}",
            at_once in 1_usize..20,
        ) {
            let written: Vec<_> = array
                .iter()
                .map(|(value, pretty, before, after)| {
                    let written = if *pretty { format!("{value:#}") } else { value.to_string() };
                    format!("{before}{written}{after}")
                })
                .collect();
            let text = format!("{outside}[{outside}{}]{outside}", written.join(","));
            let expected: Vec<_> = array.into_iter().map(|(value, ..)| value).collect();
            prop_assert_eq!(values(text.as_bytes(), at_once), Some(expected));
            // Whole or not at all.
            let broken = text.trim_end().trim_end_matches(']');
            prop_assert_eq!(values(broken.as_bytes(), at_once), None);
        }

        #[test]
        fn any_bytes_are_an_array_here_when_they_are_one_elsewhere(
            bytes in vec(prop::sample::select(&b"[]{}\",:\\ \n1a\xff"[..]), 0..24),
            at_once in 1_usize..20,
        ) {
            let bytes = [b"[", &bytes[..]].concat();
            for bytes in [&bytes[..], &bytes[1..]] {
                prop_assert_eq!(values(bytes, at_once), serde_json::from_slice(bytes).ok());
            }
        }

        #[test]
        fn no_bytes_are_too_much(bytes in vec(any::<u8>(), 0..200), at_once in 1_usize..20) {
            let _ = elements(&bytes, at_once);
            let _ = elements(&[b"[", &bytes[..]].concat(), at_once);
        }
    }

    #[test]
    fn an_element_that_is_no_json_leaves_the_others_whole() {
        let nested = "[".repeat(100_000) + &"]".repeat(100_000);
        let text = format!(r#"[{{"a":"\ud800\""}},{{"a":nul}},tru,{nested},{{"a":[}}}},7]"#);
        let elements = elements(text.as_bytes(), 64).unwrap();
        assert_eq!(elements.len(), 6);
        assert_eq!(elements[5], b"7");
    }
}
