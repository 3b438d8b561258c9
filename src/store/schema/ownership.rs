//! Decides whether the objects with Gatelodge's names in a database belong to Gatelodge or to another application.
//!
//! An interrupted migration can leave tables without a record, because MySQL commits each schema change separately. Such
//! tables have exactly Gatelodge's columns, and all earlier tables exist.

use migration::objects::{Column, ColumnType, FOREIGN_KEYS, INDEXES, Part, TABLES, Table};
use sea_orm::DbBackend;

use super::catalog::{Catalog, FoundColumn, Object, RECORDS};

/// Returns descriptions of objects that belong to another application. Objects of applied migrations belong to Gatelodge.
pub(super) fn foreign(
    catalog: &Catalog,
    is_applied: impl Fn(&str) -> bool,
    backend: DbBackend,
) -> Vec<String> {
    let mut found = vec![];
    if let Some(object) = catalog.find(RECORDS) {
        if object.kind != "table" {
            found.push(named(object));
        } else if !["version", "applied_at"].iter().all(|name| {
            catalog
                .columns_of(RECORDS)
                .any(|column| column.name == *name)
        }) {
            found.push(format!("a table `{RECORDS}` with other columns"));
        }
    }
    let mut missing = None;
    for table in TABLES.iter().filter(|table| !is_applied(table.migration)) {
        let Some(object) = catalog.find(table.name) else {
            missing = missing.or(Some(table.name));
            continue;
        };
        if object.kind != "table" {
            found.push(named(object));
        } else if let Some(difference) = difference(table, catalog, backend) {
            found.push(format!("a table `{}` {difference}", object.name));
        } else if let Some(missing) = missing {
            found.push(format!("a table `{}`, but no `{missing}`", object.name));
        }
    }
    for part in INDEXES.iter().chain(FOREIGN_KEYS) {
        if !is_applied(part.migration) {
            found.extend(taken(part, catalog));
        }
    }
    found
}

impl Catalog {
    fn find(&self, name: &str) -> Option<&Object> {
        self.objects
            .iter()
            .find(|object| object.name.eq_ignore_ascii_case(name))
    }

    fn columns_of(&self, table: &str) -> impl Iterator<Item = &FoundColumn> {
        self.columns
            .iter()
            .filter(move |column| column.table.eq_ignore_ascii_case(table))
    }
}

fn named(object: &Object) -> String {
    let article = if object.kind.starts_with('i') {
        "an"
    } else {
        "a"
    };
    format!("{article} {} `{}`", object.kind, object.name)
}

/// Returns a description of another object that uses the name of an index or a foreign key.
fn taken(part: &Part, catalog: &Catalog) -> Option<String> {
    let object = catalog.find(part.name)?;
    match &object.table {
        Some(table) if table.eq_ignore_ascii_case(part.table) => None,
        Some(table) => Some(format!(
            "{} of the table `{}`",
            named(object),
            table.escape_debug()
        )),
        None => Some(named(object)),
    }
}

/// Returns how a table differs from Gatelodge's. A table that was just dropped has no columns and counts as equal.
fn difference(table: &Table, catalog: &Catalog, backend: DbBackend) -> Option<String> {
    let columns: Vec<_> = catalog.columns_of(table.name).collect();
    if columns.is_empty() {
        return None;
    }
    let is_found = |name: &str| columns.iter().any(|column| column.name == name);
    if let Some((name, _)) = table.columns.iter().find(|(name, _)| !is_found(name)) {
        return Some(format!("without the column `{name}`"));
    }
    let known = |name: &str| -> Option<&Column> {
        let mut all = table.columns.iter().chain(table.added);
        all.find(|(known, _)| *known == name)
    };
    columns.iter().find_map(|column| {
        let name = column.name.escape_debug();
        match known(&column.name) {
            None => Some(format!("with the column `{name}`")),
            Some((_, data_type)) if !is_type(*data_type, &column.data_type, backend) => {
                Some(format!(
                    "whose column `{name}` is `{}`",
                    column.data_type.escape_debug()
                ))
            }
            Some(_) => None,
        }
    })
}

/// Returns whether `found` is the database's name of a type.
fn is_type(data_type: ColumnType, found: &str, backend: DbBackend) -> bool {
    use ColumnType::{BigInteger, Boolean, Bytes, Integer, Text, Time, Uuid};
    let expected = match (backend, data_type) {
        (DbBackend::Postgres, Uuid) => "uuid",
        (DbBackend::Postgres, Bytes(_)) => "bytea",
        (DbBackend::Postgres, Time) => "timestamp with time zone",
        (DbBackend::Postgres | DbBackend::Sqlite, Boolean) => "boolean",
        (DbBackend::Postgres, BigInteger) => "bigint",
        (DbBackend::Sqlite, Uuid) => "uuid_text",
        (DbBackend::Sqlite, Time) => "timestamp_with_timezone_text",
        (DbBackend::Postgres | DbBackend::Sqlite, Integer) | (DbBackend::Sqlite, BigInteger) => {
            "integer"
        }
        (DbBackend::Postgres, Text(length)) => {
            return found == format!("character varying({length})");
        }
        (DbBackend::Sqlite, Bytes(length)) => return found == format!("blob({length})"),
        (_, Uuid) => "binary(16)",
        (_, Bytes(length)) => return found == format!("binary({length})"),
        (_, Text(length)) => return found == format!("varchar({length})"),
        (_, Time) => "datetime(6)",
        (_, Boolean) => "tinyint(1)",
        // MariaDB has display widths; MySQL 8 no longer has them.
        (_, Integer) => return found == "int" || found.starts_with("int("),
        (_, BigInteger) => return found == "bigint" || found.starts_with("bigint("),
    };
    found == expected
}
