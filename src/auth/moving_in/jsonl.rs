//! Reads JSON lines: one object a line.

use std::io::{BufRead, BufReader, Read};

use super::{
    budget::ROW,
    row::{ReadError, Row, Rows, problem},
};

pub fn read(file: impl Read, rows: &mut Rows<'_>) -> Result<(), ReadError> {
    let mut file = BufReader::new(file);
    let mut bytes = vec![];
    for line in 1.. {
        bytes.clear();
        let mut bounded = file.by_ref().take(ROW);
        let read = bounded.read_until(b'\n', &mut bytes);
        if read.map_err(|error| ReadError::after(format!("line {}", line - 1), error))? == 0 {
            break;
        }
        if bytes.len() as u64 == ROW && bytes.last() != Some(&b'\n') {
            return Err(ReadError::after(
                format!("line {}", line - 1),
                "a row is longer than 16 MiB",
            ));
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        let row = if bytes.trim_ascii().starts_with(b"{") {
            serde_json::from_slice::<Row>(&bytes).map_err(|error| problem(&error))
        } else {
            // Serde would take an array for a row, too.
            Err("it is no JSON object".to_owned())
        };
        if rows((line, row)).is_break() {
            break;
        }
    }
    Ok(())
}
