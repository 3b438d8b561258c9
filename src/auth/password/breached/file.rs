//! A file of breached passwords' SHA-1 hashes, as the public corpus is shipped: sorted lines, hex, perhaps `:count`.
//!
//! It has tens of gigabytes: it is searched where it lies, and never loaded.

use std::{
    cmp::Ordering,
    fs::File,
    io::{self, ErrorKind},
    os::unix::fs::FileExt,
    path::Path,
};

use super::HEX;

/// Bytes that hold at least one whole line: a hash, a count, two line ends.
const WINDOW: usize = 256;

/// Places at which it is looked whether the lines are in order.
const PROBES: u64 = 100;
/// Bytes at the end in which the last line starts, and no other: a line has 41 at least, real ones up to 55.
const LAST: u64 = 64;

fn wrong(mend: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, mend)
}

/// The open file.
pub struct BreachedFile(File);

/// A line of it: its hash, where it starts, and where the next one does.
struct Line {
    hash: String,
    start: u64,
    next: u64,
}

impl BreachedFile {
    /// Opens a file of hashes. That it is sorted is seen by samples: to read it whole takes too long.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = Self(File::open(path)?);
        let length = file.0.metadata()?.len();
        let mut seen = file.line_from(0)?.ok_or_else(|| wrong("it has no line"))?;
        let step = (length / PROBES).max(1);
        let places = (0..PROBES).map(|probe| probe * step);
        for place in places.chain([length.saturating_sub(LAST)]) {
            // Two lines that are neighbours, and both after what was seen before.
            for place in [place, 0] {
                let Some(line) = file.line_from(place.max(seen.next))? else {
                    break;
                };
                if line.hash < seen.hash {
                    return Err(wrong(
                        "it is not sorted: take the corpus ordered by hash, or sort it (LC_ALL=C sort)",
                    ));
                }
                seen = line;
            }
        }
        Ok(file)
    }

    /// Whether the file has a hash: one short read for each halving.
    pub fn contains(&self, hash: &str) -> io::Result<bool> {
        let (mut low, mut high) = (0, self.0.metadata()?.len());
        // The wanted line, if it is there, starts at `low` or later, and before `high`.
        while low < high {
            let middle = low + (high - low) / 2;
            match self.line_from(middle)?.filter(|line| line.start < high) {
                // No line starts in the upper half.
                None => high = middle,
                Some(line) => match hash.cmp(&line.hash) {
                    Ordering::Equal => return Ok(true),
                    Ordering::Less => high = middle,
                    Ordering::Greater => low = line.next,
                },
            }
        }
        Ok(false)
    }

    /// The first line that starts at `at` or later.
    fn line_from(&self, at: u64) -> io::Result<Option<Line>> {
        // From the byte before: a line that starts just at `at` follows its line end.
        let from = at.saturating_sub(1);
        let mut window = [0; 2 * WINDOW];
        let mut length = 0;
        while length < window.len() {
            match self
                .0
                .read_at(&mut window[length..], from + length as u64)?
            {
                0 => break,
                read => length += read,
            }
        }
        let window = &window[..length];
        let line_end = |bytes: &[u8]| bytes.iter().position(|&byte| byte == b'\n');
        let start = match at {
            0 => 0,
            _ => match line_end(window) {
                Some(end) => end + 1,
                None => return Ok(None),
            },
        };
        let rest = &window[start..];
        if rest.is_empty() {
            return Ok(None);
        }
        let no_hash = || wrong("a line is no SHA-1 hash in hex");
        let hash = rest.get(..HEX).ok_or_else(no_hash)?;
        if !hash.iter().all(u8::is_ascii_hexdigit) {
            return Err(no_hash());
        }
        let length = line_end(rest).map_or(rest.len(), |end| end + 1);
        let start = from + start as u64;
        Ok(Some(Line {
            hash: String::from_utf8_lossy(hash).to_ascii_uppercase(),
            start,
            next: start + length as u64,
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(lines: &[String], end: &str) -> (tempfile::NamedTempFile, BreachedFile) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(lines.join(end).as_bytes()).unwrap();
        let opened = BreachedFile::open(file.path()).unwrap();
        (file, opened)
    }

    #[test]
    fn every_hash_in_the_file_is_found_and_no_other() {
        for (count, end, tail) in [
            (1, "\n", ""),
            (2, "\n", ":5"),
            (7, "\r\n", ":123456"),
            (1000, "\r\n", ":1"),
            (1001, "\n", ""),
        ] {
            let hash = |number: usize| format!("{:040X}", (number as u128 + 1) << 64);
            let mut lines: Vec<_> = (0..count).map(|number| hash(number) + tail).collect();
            for last in [false, true] {
                if last {
                    lines.push(String::new());
                }
                let (_kept, opened) = file(&lines, end);
                for number in 0..count {
                    assert!(
                        opened.contains(&hash(number)).unwrap(),
                        "{number} of {count}"
                    );
                    let between = format!("{:040X}", ((number as u128 + 1) << 64) + 1);
                    assert!(!opened.contains(&between).unwrap(), "{number} of {count}");
                }
                assert!(!opened.contains(&"0".repeat(40)).unwrap());
                assert!(!opened.contains(&"F".repeat(40)).unwrap());
            }
        }
    }

    #[test]
    fn a_file_that_is_not_sorted_is_refused() {
        let sorted =
            |count: u64| (0..count).map(move |number| format!("{number:040X}:{}", count - number));
        for count in [2_u8, 3, 50, 250] {
            let lines: Vec<_> = sorted(count.into()).collect();
            let count = usize::from(count);
            let (_kept, _) = file(&lines, "\r\n");
            let last_moved = [&lines[count - 1..], &lines[..count - 1]].concat();
            let first_moved = [&lines[1..], &lines[..1]].concat();
            let backwards: Vec<_> = lines.iter().rev().cloned().collect();
            for wrong in [last_moved, first_moved, backwards] {
                let mut file = tempfile::NamedTempFile::new().unwrap();
                file.write_all(wrong.join("\n").as_bytes()).unwrap();
                assert!(BreachedFile::open(file.path()).is_err(), "{count}");
            }
        }
    }

    #[test]
    fn a_file_of_something_else_is_refused() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        assert!(BreachedFile::open(file.path()).is_err());
        file.write_all(b"password\n123456\n").unwrap();
        assert!(BreachedFile::open(file.path()).is_err());
    }
}
