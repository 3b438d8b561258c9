//! Why a database's schema is not one that this program can use, and what to do.

use thiserror::Error;

use super::VERSION;

/// Objects that one message names.
const MAX_NAMED: usize = 6;

/// Why a database's schema is not one that this program can use.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SchemaError {
    /// Another application uses the database, under names that Gatelodge needs.
    #[error(
        "another application uses this database{}: it has {}. Gatelodge has changed nothing. Give Gatelodge a database of its \
         own, or on PostgreSQL a schema of its own by search_path (docs/databases.md, \"A schema of its own\")",
        in_schema(schema.as_deref()),
        listed(found)
    )]
    Foreign {
        /// The PostgreSQL schema in which it was found.
        schema: Option<String>,
        /// Descriptions of what was found.
        found: Vec<String>,
    },
    /// PostgreSQL's `search_path` names no schema that exists.
    #[error(
        "no schema that search_path names exists in this database. Create it (CREATE SCHEMA gatelodge), or correct \
         search_path"
    )]
    NoSchema,
    /// Gatelodge's tables are missing where they belong, and statements would reach those of another schema.
    #[error(
        "Gatelodge's tables are missing, and search_path also names the schema `{schema}`, which has a table `{table}`. Run \
         `gatelodge migrate up` first, or name only Gatelodge's own schema in search_path"
    )]
    OtherSchema {
        /// The schema that is searched later.
        schema: String,
        /// A table in it.
        table: String,
    },
    /// The database was migrated further than this program can serve.
    #[error(
        "the database has schema level {level} (Gatelodge {version}), which programs from level {min_level} on may serve. \
         This is Gatelodge {VERSION} with level {own}. Run Gatelodge {min_version} or later",
        own = migration::levels::LEVEL
    )]
    TooNew {
        /// The database's level.
        level: i32,
        /// The version that brought it.
        version: String,
        /// The lowest level that may serve.
        min_level: i32,
        /// The version that brought the lowest level.
        min_version: String,
    },
    /// A newer program has migrated, and yet a migration of this one is missing.
    #[error(
        "the database was migrated by Gatelodge {version}, which is newer than this ({VERSION}), and lacks {missing}. Run \
         `gatelodge migrate up` with Gatelodge {version} or later"
    )]
    NewerIncomplete {
        /// The version that brought the newest migration.
        version: String,
        /// A migration that is missing.
        missing: String,
    },
    /// The last migration is one that this program does not have.
    #[error(
        "the last migration, {migration} (schema level {level}), came with Gatelodge {version}, and this is Gatelodge \
         {VERSION}. Run `gatelodge migrate down` with Gatelodge {version} or later"
    )]
    DownByNewer {
        /// The migration's name.
        migration: String,
        /// Its level.
        level: i32,
        /// The version that brought it.
        version: String,
    },
}

fn in_schema(schema: Option<&str>) -> String {
    schema.map_or_else(String::new, |schema| {
        format!(" (schema `{}`)", schema.escape_debug())
    })
}

/// Writes a list that is not too long for a line of the log.
fn listed(found: &[String]) -> String {
    let named = found.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>();
    let named = named.join("; ");
    match found.len().saturating_sub(MAX_NAMED) {
        0 => named,
        more => format!("{named}; and {more} more"),
    }
}
