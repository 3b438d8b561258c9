//! The catalog: the objects in a database that have names used by Gatelodge. Only reads.

use migration::objects::{FOREIGN_KEYS, INDEXES, TABLES};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

/// The table in which the migration library records applied migrations.
pub(in crate::store) const RECORDS: &str = "seaql_migrations";

/// A database object with one of Gatelodge's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    /// `table`, `view`, `index`, `foreign key`, ….
    pub kind: String,
    /// The object's name.
    pub name: String,
    /// The table that an index or a foreign key belongs to.
    pub table: Option<String>,
}

/// A column of one of the tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FoundColumn {
    /// The table's name.
    pub table: String,
    /// The column's name.
    pub name: String,
    /// The column's type as the database writes it, in lower case.
    pub data_type: String,
}

/// The objects that were found.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    /// Objects in the schema that Gatelodge uses.
    pub objects: Vec<Object>,
    /// Columns of the tables among them.
    pub columns: Vec<FoundColumn>,
    /// Tables in later schemas of PostgreSQL's `search_path`: schema and table.
    pub later: Vec<(String, String)>,
}

/// Returns the schema in which PostgreSQL creates tables, or `None` if no schema of `search_path` exists.
pub(super) async fn current_schema(db: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    let rows = query(db, "SELECT current_schema()::text".to_owned()).await?;
    match rows.first() {
        Some(row) => row.try_get_by_index(0),
        None => Ok(None),
    }
}

/// Returns the names of the applied migrations in order. A table with the same name but other columns contains none.
pub(in crate::store) async fn applied(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let columns = "IN ('version', 'applied_at')";
    let (count, text) = match db.get_database_backend() {
        DbBackend::Sqlite => (
            format!("SELECT COUNT(*) FROM pragma_table_info('{RECORDS}') WHERE name {columns}"),
            "CAST(version AS TEXT)",
        ),
        DbBackend::Postgres => (
            format!(
                "SELECT COUNT(*) FROM pg_catalog.pg_attribute a \
                 JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
                 JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                 WHERE n.nspname = current_schema() AND c.relname = '{RECORDS}' AND a.attname {columns}"
            ),
            "CAST(version AS TEXT)",
        ),
        _ => (
            format!(
                "SELECT COUNT(*) FROM information_schema.columns \
                 WHERE table_schema = DATABASE() AND table_name = '{RECORDS}' AND column_name {columns}"
            ),
            "CAST(version AS CHAR(255))",
        ),
    };
    let rows = query(db, count).await?;
    let count: i64 = match rows.first() {
        Some(row) => row.try_get_by_index(0)?,
        None => 0,
    };
    if count != 2 {
        return Ok(vec![]);
    }
    let rows = query(db, format!("SELECT {text} FROM {RECORDS} ORDER BY version")).await?;
    let names = rows
        .iter()
        .map(|row| row.try_get_by_index::<Option<String>>(0));
    names
        .map(|name| name.map(Option::unwrap_or_default))
        .collect()
}

impl Catalog {
    /// Reads the catalog.
    pub(super) async fn read(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let (objects, columns) = match db.get_database_backend() {
            DbBackend::Sqlite => sqlite(),
            DbBackend::Postgres => postgres(),
            _ => mysql(),
        };
        let mut catalog = Self::default();
        for row in query(db, objects).await? {
            let object = Object {
                kind: row.try_get_by_index(0)?,
                name: row.try_get_by_index(1)?,
                table: row.try_get_by_index(2)?,
            };
            match row.try_get_by_index::<Option<String>>(3)? {
                None => catalog.objects.push(object),
                Some(schema) if object.table.is_none() => {
                    catalog.later.push((schema, object.name));
                }
                Some(_) => {}
            }
        }
        for row in query(db, columns).await? {
            catalog.columns.push(FoundColumn {
                table: row.try_get_by_index(0)?,
                name: row.try_get_by_index(1)?,
                data_type: row.try_get_by_index::<String>(2)?.to_lowercase(),
            });
        }
        Ok(catalog)
    }
}

/// Returns SQLite's queries. SQLite ignores the case of names.
fn sqlite() -> (String, String) {
    let (tables, indexes) = (table_names(), names(INDEXES.iter().map(|part| part.name)));
    (
        format!(
            "SELECT type, name, CASE type WHEN 'index' THEN tbl_name END, NULL FROM sqlite_master \
             WHERE type IN ('table', 'view', 'index') AND lower(name) IN ({tables}, {indexes})"
        ),
        format!(
            "SELECT m.name, p.name, p.type FROM sqlite_master m JOIN pragma_table_info(m.name) p \
             WHERE m.type = 'table' AND lower(m.name) IN ({tables})"
        ),
    )
}

/// Returns PostgreSQL's queries. They read `pg_catalog`, because `information_schema` hides objects that the account has
/// no rights to.
fn postgres() -> (String, String) {
    let (tables, indexes) = (table_names(), names(INDEXES.iter().map(|part| part.name)));
    (
        format!(
            "SELECT CASE c.relkind WHEN 'r' THEN 'table' WHEN 'i' THEN 'index' WHEN 'v' THEN 'view' \
             WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' \
             WHEN 'p' THEN 'partitioned table' WHEN 'I' THEN 'partitioned index' ELSE 'type' END, \
             c.relname::text, t.relname::text, \
             CASE WHEN n.nspname <> current_schema() THEN n.nspname::text END \
             FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid \
             LEFT JOIN pg_catalog.pg_class t ON t.oid = i.indrelid \
             WHERE n.nspname = ANY (current_schemas(false)) AND c.relname IN ({tables}, {indexes}) \
             UNION ALL SELECT 'type', y.typname::text, NULL, NULL \
             FROM pg_catalog.pg_type y JOIN pg_catalog.pg_namespace n ON n.oid = y.typnamespace \
             WHERE n.nspname = current_schema() AND y.typrelid = 0 AND y.typname IN ({tables})"
        ),
        format!(
            "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod) \
             FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped \
             AND c.relname IN ({tables})"
        ),
    )
}

/// Returns MySQL's queries. A server setting decides whether the case of table names counts. The case of foreign keys'
/// names never does.
fn mysql() -> (String, String) {
    let tables = table_names();
    let keys = names(FOREIGN_KEYS.iter().map(|part| part.name));
    let is_ours = format!(
        "table_schema = DATABASE() AND \
         BINARY IF(@@lower_case_table_names = 0, table_name, LOWER(table_name)) IN ({tables})"
    );
    (
        format!(
            "SELECT CAST(IF(table_type = 'BASE TABLE', 'table', LOWER(table_type)) AS CHAR), \
             CAST(table_name AS CHAR), CAST(NULL AS CHAR), CAST(NULL AS CHAR) \
             FROM information_schema.tables WHERE {is_ours} \
             UNION ALL SELECT 'foreign key', CAST(constraint_name AS CHAR), CAST(table_name AS CHAR), NULL \
             FROM information_schema.table_constraints WHERE constraint_schema = DATABASE() \
             AND constraint_type = 'FOREIGN KEY' AND LOWER(constraint_name) IN ({keys})"
        ),
        format!(
            "SELECT CAST(table_name AS CHAR), CAST(column_name AS CHAR), CAST(column_type AS CHAR) \
             FROM information_schema.columns WHERE {is_ours}"
        ),
    )
}

fn table_names() -> String {
    names(
        TABLES
            .iter()
            .map(|table| table.name)
            .chain(std::iter::once(RECORDS)),
    )
}

/// Returns names as an SQL list. They are Gatelodge's own names, so they need no escaping.
fn names(all: impl Iterator<Item = &'static str>) -> String {
    let quoted: Vec<_> = all.map(|name| format!("'{name}'")).collect();
    quoted.join(", ")
}

async fn query(db: &impl ConnectionTrait, sql: String) -> Result<Vec<QueryResult>, DbErr> {
    db.query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await
}
