//! Reads JSON lines: one object per line.

use std::io::{BufRead, BufReader, Read};

use serde_json::Value;

use super::budget::{MAX_ROW, TOO_LONG};
use crate::transfer::{
    problem,
    row::{ReadError, Row, Rows, UnreadableRow, scalar},
};

pub fn read(file: impl Read, rows: &mut Rows<'_>) -> Result<(), ReadError> {
    let mut file = BufReader::new(file);
    let mut bytes = vec![];
    for line in 1.. {
        bytes.clear();
        let mut bounded = file.by_ref().take(MAX_ROW);
        let read = bounded.read_until(b'\n', &mut bytes);
        if read.map_err(|error| ReadError::after(format!("line {}", line - 1), error))? == 0 {
            break;
        }
        if bytes.len() as u64 == MAX_ROW && bytes.last() != Some(&b'\n') {
            return Err(ReadError::after(format!("line {}", line - 1), TOO_LONG));
        }
        let written = bytes.trim_ascii();
        if !written.is_empty() && rows((line, row(written))).is_break() {
            break;
        }
    }
    Ok(())
}

fn row(bytes: &[u8]) -> Result<Row, UnreadableRow> {
    let problem = if bytes.starts_with(b"{") {
        match serde_json::from_slice(bytes) {
            Ok(row) => return Ok(row),
            Err(_) => problem::describe::<Row>(bytes),
        }
    } else {
        // Serde would accept an array for a row, too.
        "it is not a JSON object".to_owned()
    };
    let read = serde_json::from_slice::<Value>(bytes).unwrap_or_default();
    Err(UnreadableRow {
        external_id: scalar(&read["external_id"]),
        username: scalar(&read["username"]),
        problem,
    })
}
