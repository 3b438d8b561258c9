//! A file of SHA-1 hashes of breached passwords, in the form of the public corpus: sorted lines in hex, some with
//! `:count`.
//!
//! The file has tens of gigabytes: it is searched on disk, and never loaded.

use std::{
    cmp::Ordering,
    fs::File,
    io::{self, ErrorKind},
    os::unix::fs::FileExt,
    path::Path,
};

use super::HASH_DIGITS;

/// Bytes that contain at least one whole line: a hash, a count, two line ends.
const WINDOW: usize = 256;

/// The number of samples of the check that the file is sorted.
const PROBES: u64 = 100;
/// Bytes at the end of the file that contain the start of the last line only: a line has at least 41 bytes, real ones
/// up to 55.
const TAIL: u64 = 64;

fn invalid(problem: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, problem)
}

/// The open file.
pub struct BreachedFile(File);

/// A line: its hash, its offset, and the offset of the next line.
struct Line {
    hash: String,
    start: u64,
    next: u64,
}

impl BreachedFile {
    /// Opens a file of hashes. Samples check that it is sorted: reading the whole file takes too long.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = Self(File::open(path)?);
        let length = file.0.metadata()?.len();
        let mut seen = file
            .line_from(0)?
            .ok_or_else(|| invalid("it has no line"))?;
        let step = (length / PROBES).max(1);
        let offsets = (0..PROBES).map(|probe| probe * step);
        for offset in offsets.chain([length.saturating_sub(TAIL)]) {
            // Two neighbouring lines, both after the previous sample.
            for offset in [offset, 0] {
                let Some(line) = file.line_from(offset.max(seen.next))? else {
                    break;
                };
                if line.hash < seen.hash {
                    return Err(invalid(
                        "it is not sorted: use the corpus ordered by hash, or sort it (LC_ALL=C sort)",
                    ));
                }
                seen = line;
            }
        }
        Ok(file)
    }

    /// Returns whether the file contains a hash, by binary search: one short read per step.
    pub fn contains(&self, hash: &str) -> io::Result<bool> {
        let (mut low, mut high) = (0, self.0.metadata()?.len());
        // The line, if it exists, starts at `low` or later, and before `high`.
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

    /// Returns the first line that starts at `offset` or later.
    fn line_from(&self, offset: u64) -> io::Result<Option<Line>> {
        // Starts one byte earlier: a line that starts exactly at `offset` follows a line end.
        let from = offset.saturating_sub(1);
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
        let start = match offset {
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
        let no_hash = || invalid("a line is not a SHA-1 hash in hex");
        let hash = rest.get(..HASH_DIGITS).ok_or_else(no_hash)?;
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
