//! Errors of a schema that this program cannot use, with what to do.

use thiserror::Error;

use super::VERSION;

/// Maximum number of objects in one message.
const MAX_NAMED: usize = 6;

/// Why this program cannot use a database's schema.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SchemaError {
    /// Another application uses the database, with names that Gatelodge needs.
    #[error(
        "another application uses this database{}: it has {}. Gatelodge has changed nothing. Give Gatelodge its own \
         database, or on PostgreSQL its own schema in search_path (docs/databases.md, \"A schema of its own\")",
        in_schema(schema.as_deref()),
        listed(found)
    )]
    Foreign {
        /// The PostgreSQL schema that contains the objects.
        schema: Option<String>,
        /// Descriptions of the objects.
        found: Vec<String>,
    },
    /// No schema of PostgreSQL's `search_path` exists.
    #[error(
        "no schema of search_path exists in this database. Create it (CREATE SCHEMA gatelodge), or correct search_path"
    )]
    NoSchema,
    /// Gatelodge's tables are missing in its own schema, so statements would use the tables of another schema.
    #[error(
        "Gatelodge's tables are missing, and search_path also contains the schema `{schema}`, which has a table \
         `{table}`. Run `gatelodge migrate up` first, or write only Gatelodge's own schema in search_path"
    )]
    OtherSchema {
        /// The later schema of `search_path`.
        schema: String,
        /// A table in it.
        table: String,
    },
    /// The database was migrated further than this program can serve.
    #[error(
        "the database has schema level {level} (Gatelodge {version}) and needs a program of level {min_level} or higher. \
         This is Gatelodge {VERSION} with level {own}. Run Gatelodge {min_version} or later",
        own = migration::levels::LEVEL
    )]
    TooNew {
        /// The database's level.
        level: i32,
        /// The version with this level.
        version: String,
        /// The lowest level of a program that may serve the database.
        min_level: i32,
        /// The version with that lowest level.
        min_version: String,
    },
    /// A newer program migrated the database, but a migration of this program is missing.
    #[error(
        "the database was migrated by Gatelodge {version}, which is newer than this program ({VERSION}), and the \
         migration {missing} is missing. Run `gatelodge migrate up` with Gatelodge {version} or later"
    )]
    NewerIncomplete {
        /// The version that applied the newest migration.
        version: String,
        /// The missing migration.
        missing: String,
    },
    /// This program does not have the last migration.
    #[error(
        "the last migration, {migration} (schema level {level}), is from Gatelodge {version}, and this is Gatelodge \
         {VERSION}. Run `gatelodge migrate down` with Gatelodge {version} or later"
    )]
    DownByNewer {
        /// The migration's name.
        migration: String,
        /// Its level.
        level: i32,
        /// The version with this level.
        version: String,
    },
}

fn in_schema(schema: Option<&str>) -> String {
    schema.map_or_else(String::new, |schema| {
        format!(" (schema `{}`)", schema.escape_debug())
    })
}

/// Returns a list that is short enough for a log line.
fn listed(found: &[String]) -> String {
    let named = found.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>();
    let named = named.join("; ");
    match found.len().saturating_sub(MAX_NAMED) {
        0 => named,
        more => format!("{named}; and {more} more"),
    }
}
