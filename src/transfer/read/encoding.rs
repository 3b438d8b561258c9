//! Detects the encoding of a file by its byte order mark: skips that of UTF-8, and refuses others.

use std::io::{self, Read};

use crate::transfer::row::ReadError;

const UTF_8: &[u8] = b"\xef\xbb\xbf";
/// UTF-32 comes first, because its mark begins like UTF-16's.
const OTHERS: [(&[u8], &str); 4] = [
    (b"\xff\xfe\0\0", "UTF-32"),
    (b"\0\0\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
];

/// Returns the file without the mark of UTF-8, which spreadsheets and PowerShell write. PowerShell's `>` writes UTF-16.
pub fn without_mark(mut file: impl Read) -> Result<impl Read, ReadError> {
    let mut beginning = vec![];
    file.by_ref()
        .take(4)
        .read_to_end(&mut beginning)
        .map_err(|error| ReadError::after("its beginning", error))?;
    for (mark, encoding) in OTHERS {
        if beginning.starts_with(mark) {
            return Err(ReadError::Encoding(encoding));
        }
    }
    if beginning.starts_with(UTF_8) {
        beginning.drain(..UTF_8.len());
    }
    Ok(io::Cursor::new(beginning).chain(file))
}
