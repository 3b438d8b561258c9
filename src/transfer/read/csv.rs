//! Reads CSV with a header.

use std::io::Read;

use csv::{ByteRecord, Position, ReaderBuilder};

use super::budget::Budget;
use crate::domain::username::MAX_CHARS;
use crate::transfer::{
    cell,
    export::Exported,
    row::{COLUMNS, ReadError, Row, Rows, UnreadableRow},
};

pub fn read(file: impl Read, rows: &mut Rows<'_>) -> Result<(), ReadError> {
    let (budget, file) = Budget::limit(file);
    // Flexible: a wrong number of fields is an error of one row, not of the file.
    let mut csv = ReaderBuilder::new().flexible(true).from_reader(file);
    let header = csv
        .byte_headers()
        .map_err(|error| ReadError::after("its beginning", error))?;
    // Only our exports put apostrophes before cells. In other files they belong to the data.
    let is_export = header.iter().eq(Exported::columns().map(str::as_bytes));
    let columns = columns(header).map_err(|problem| ReadError::after("its beginning", problem))?;
    let mut record = ByteRecord::new();
    let mut line = 1;
    while csv
        .read_byte_record(&mut record)
        .map_err(|error| ReadError::after(format!("line {line}"), error))?
    {
        budget.renew();
        line = record.position().map_or(line, Position::line);
        if is_export {
            record = record.iter().map(cell::unescape).collect();
        }
        let row = row(&columns, &record).map_err(|problem| UnreadableRow {
            external_id: lossy_text(&columns, &record, "external_id"),
            username: lossy_text(&columns, &record, "username"),
            problem: with_quote_hint(problem, &record),
        });
        if rows((line, row)).is_break() {
            break;
        }
    }
    Ok(())
}

/// Adds a hint if a field spans several lines.
fn with_quote_hint(problem: String, record: &ByteRecord) -> String {
    if record.iter().any(|field| field.contains(&b'\n')) {
        format!("{problem}. A field has several lines: is a quote not closed?")
    } else {
        problem
    }
}

fn columns(header: &ByteRecord) -> Result<Vec<&'static str>, String> {
    let mut columns: Vec<&str> = vec![];
    for name in header {
        let known = COLUMNS
            .iter()
            .copied()
            .find(|column| column.as_bytes() == name.trim_ascii());
        let column = known.ok_or_else(|| {
            let name = String::from_utf8_lossy(name);
            format!(
                "there is no column {name:?}; there are: {}",
                COLUMNS.join(",")
            )
        })?;
        if columns.contains(&column) {
            return Err(format!("the column {column} is there twice"));
        }
        columns.push(column);
    }
    for needed in ["username", "password_hash"] {
        if !columns.contains(&needed) {
            return Err(format!(
                "its header has no {needed}; it may have: {}",
                COLUMNS.join(",")
            ));
        }
    }
    Ok(columns)
}

fn row(columns: &[&'static str], record: &ByteRecord) -> Result<Row, String> {
    if record.len() != columns.len() {
        return Err(format!(
            "it has {} fields, and the header has {}",
            record.len(),
            columns.len()
        ));
    }
    let mut row = Row::default();
    for (column, field) in columns.iter().zip(record) {
        let text = std::str::from_utf8(field).map_err(|_| format!("{column} is not UTF-8"))?;
        // An empty CSV field is a missing one.
        let value = || (!text.is_empty()).then(|| text.to_owned());
        match *column {
            "external_id" => row.external_id = value(),
            "id" => row.id = value(),
            "username" => row.username = value(),
            // An empty hash means that the user has no password.
            "password_hash" => row.password_hash = Some(text.to_owned()),
            "created_at" => row.created_at = value(),
            "last_login" => row.last_login = value(),
            "disabled" => row.disabled = flag(text)?,
            "disabled_at" => row.disabled_at = value(),
            "roles" => row.roles = text.split_whitespace().map(str::to_owned).collect(),
            "email" => row.email = value(),
            "first_name" => row.first_name = value(),
            _ => row.last_name = value(),
        }
    }
    Ok(row)
}

/// Returns a column of a record that is not a row. After an unclosed quote, a field holds the rest of the file, and with it
/// the hashes of other users: such a field is left out.
fn lossy_text(columns: &[&'static str], record: &ByteRecord, column: &str) -> Option<String> {
    let index = columns.iter().position(|name| *name == column)?;
    let field = record.get(index).filter(|field| !field.is_empty())?;
    let text = String::from_utf8_lossy(field);
    let is_one_value = text.chars().count() <= MAX_CHARS && !text.contains(char::is_control);
    is_one_value.then(|| text.into_owned())
}

fn flag(text: &str) -> Result<Option<bool>, String> {
    match text.to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "true" | "t" | "1" | "yes" => Ok(Some(true)),
        "false" | "f" | "0" | "no" => Ok(Some(false)),
        _ => Err("disabled is neither true nor false".to_owned()),
    }
}
