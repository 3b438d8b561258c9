//! The rights of the database user: which one is missing, on what, and how it is granted.

use std::fmt::Write as _;

use migration::objects::TABLES;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr, Statement, TryGetable, sqlx};

use super::{Store, StoreError, error::bounded, schema::RECORDS};

/// PostgreSQL's code for a missing right.
pub(super) const POSTGRES_DENIED: &str = "42501";
/// The user that can grant a right.
const GRANTOR: &str = "As an administrator of the database run";
/// The name of PostgreSQL's user in messages where only the error is known.
const UNNAMED: &str = "the user in DATABASE_URL";
/// The placeholder for the user's name in a GRANT.
const PLACEHOLDER: &str = "…";

/// The rights that a node uses on a table.
fn rights_on(table: &str) -> &'static [&'static str] {
    match table {
        // Migrations alone write it.
        "schema_levels" | RECORDS => &["SELECT"],
        "secrets" => &["SELECT", "INSERT"],
        _ => &["SELECT", "INSERT", "UPDATE", "DELETE"],
    }
}

impl Store {
    /// Describes why the database refused what a start needs: with the user's name and every right that is missing, as far as
    /// they can be found.
    pub async fn explain(&self, error: StoreError) -> StoreError {
        let StoreError::Denied(denied) = error else {
            return error;
        };
        // All at once, where tables exist.
        if let Err(all @ StoreError::Denied(_)) = self.check_rights().await {
            return all;
        }
        let Ok(user) = database_user(&self.write).await else {
            return StoreError::Denied(denied);
        };
        StoreError::Denied(named(&denied, &user))
    }

    /// Checks that the database user has every right that a node uses on the tables that exist. Changes nothing.
    pub async fn check_rights(&self) -> Result<(), StoreError> {
        let db = &self.write;
        let backend = db.get_database_backend();
        if backend == DbBackend::Sqlite {
            return Ok(());
        }
        let mut missing = vec![];
        let tables = TABLES.iter().map(|table| (table.name, table.columns[0].0));
        for (table, column) in tables.chain([(RECORDS, "version")]) {
            let mut rights = vec![];
            for &right in rights_on(table) {
                let probe = probe(right, table, column);
                let probe = Statement::from_string(backend, probe);
                match bounded(db.execute_raw(probe)).await {
                    Err(StoreError::Denied(_)) => rights.push(right),
                    // A server that does not respond must not delay the start by the timeout of every probe.
                    Err(StoreError::Unavailable(_)) => return Ok(()),
                    // A table that is missing or a server that is read-only is reported elsewhere.
                    Ok(_) | Err(_) => {}
                }
            }
            if !rights.is_empty() {
                missing.push((table, rights.join(", ")));
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let user = database_user(db).await?;
        let (mut lacks, mut grants) = (vec![], vec![]);
        for (table, rights) in missing {
            lacks.push(format!("{rights} on the table `{table}`"));
            grants.push(format!("GRANT {rights} ON {table} TO {user};"));
        }
        Err(StoreError::Denied(format!(
            "the database user {user} lacks {}. {GRANTOR}: {}",
            lacks.join("; "),
            grants.join(" ")
        )))
    }
}

/// Puts a user's name into a message that was written without.
pub(super) fn named(denied: &str, user: &str) -> String {
    denied
        .replace(UNNAMED, &format!("the database user {user}"))
        .replace(", for that user:", ":")
        .replace(PLACEHOLDER, user)
}

/// Returns a statement that needs one right on a table, and changes and locks no row.
fn probe(right: &str, table: &str, column: &str) -> String {
    match right {
        "INSERT" => format!("INSERT INTO {table} ({column}) SELECT NULL WHERE 1 = 0"),
        "UPDATE" => format!("UPDATE {table} SET {column} = NULL WHERE 1 = 0"),
        "DELETE" => format!("DELETE FROM {table} WHERE 1 = 0"),
        _ => format!("SELECT 1 FROM {table} WHERE 1 = 0"),
    }
}

/// Checks that migrations may create tables in PostgreSQL's current schema. MySQL reports it by itself, with the user.
pub(super) async fn check_create(db: &impl ConnectionTrait) -> Result<(), StoreError> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let ask = "SELECT quote_ident(current_schema()) WHERE NOT has_schema_privilege(current_schema(), 'CREATE')";
    let Some(schema) = first(db, ask).await? else {
        return Ok(());
    };
    let user = database_user(db).await?;
    Err(StoreError::Denied(format!(
        "the database user {user} lacks CREATE on the schema {schema}, which migrations need. {GRANTOR}: GRANT CREATE ON \
         SCHEMA {schema} TO {user};"
    )))
}

/// Finds a schema of PostgreSQL's `search_path` that exists, but that the user may not use.
pub(super) async fn check_usage(db: &impl ConnectionTrait) -> Result<(), StoreError> {
    let ask = "SELECT quote_ident(nspname) FROM pg_namespace
        WHERE nspname = ANY(SELECT replace(btrim(part, ' \"'), '$user', current_user)
            FROM unnest(string_to_array(current_setting('search_path'), ',')) AS part)
        AND NOT has_schema_privilege(oid, 'USAGE')";
    let Some(schema) = first(db, ask).await? else {
        return Ok(());
    };
    let user = database_user(db).await?;
    Err(StoreError::Denied(format!(
        "the database user {user} lacks USAGE on the schema {schema}. {GRANTOR}: GRANT USAGE, CREATE ON SCHEMA {schema} TO \
         {user};"
    )))
}

/// Returns the name of the database user as a statement writes it.
async fn database_user(db: &impl ConnectionTrait) -> Result<String, StoreError> {
    let ask = match db.get_database_backend() {
        DbBackend::Postgres => "SELECT quote_ident(current_user)",
        _ => {
            "SELECT CONCAT(QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', 1)), '@', \
              QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)))"
        }
    };
    Ok(first(db, ask).await?.unwrap_or_default())
}

/// Returns a role's name as PostgreSQL reads it: quoted if it is not a plain identifier.
pub(super) fn quoted(role: &str) -> String {
    let is_plain = role.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && role
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if is_plain {
        role.to_owned()
    } else {
        format!("\"{}\"", role.replace('"', "\"\""))
    }
}

/// Returns the first text that a query finds.
async fn first(db: &impl ConnectionTrait, ask: &str) -> Result<Option<String>, StoreError> {
    let ask = Statement::from_string(db.get_database_backend(), ask.to_owned());
    let row = bounded(db.query_one_raw(ask)).await?;
    row.map(|row| String::try_get_by_index(&row, 0).map_err(|error| DbErr::from(error).into()))
        .transpose()
}

/// Describes the missing right of an error. Returns `None` for all other errors.
pub(super) fn denied(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))
    | DbErr::Conn(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    let error = error.as_database_error()?;
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        // A database, a table, a column, an administrator's right, a routine.
        let is_denied = matches!(error.number(), 1044 | 1142 | 1143 | 1227 | 1370);
        return is_denied.then(|| by_mysql(error.message()));
    }
    (error.code().as_deref() == Some(POSTGRES_DENIED)).then(|| by_postgres(error.message()))
}

/// Reads "INSERT command denied to user 'app'@'host' for table `db`.`users`" of MariaDB, and "… for table 'users'" of MySQL.
fn by_mysql(message: &str) -> String {
    let parts = || {
        let (rights, rest) = message.split_once(" command denied to user ")?;
        let (user, object) = rest.split_once(" for table ")?;
        Some((rights, user, object))
    };
    let to_database = || {
        let rest = message.strip_prefix("Access denied for user ")?;
        rest.split_once(" to database ")
    };
    let mut said = String::new();
    if let Some((rights, user, object)) = parts() {
        let is_migration = ["CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"].contains(&rights);
        // MariaDB writes `db`.`table`, MySQL 'table'. Without a database, GRANT uses the current one.
        let object = object.trim_matches('\'');
        let database = object.split_once('.').map(|(database, _)| database);
        let grant = if is_migration {
            let all = database.map_or_else(|| "*".to_owned(), |database| format!("{database}.*"));
            format!("GRANT CREATE, ALTER, DROP, INDEX, REFERENCES ON {all} TO {user};")
        } else {
            format!("GRANT {rights} ON {object} TO {user};")
        };
        let _ = write!(
            said,
            "the database user {user} lacks {rights} on the table {object}. {GRANTOR}: {grant}"
        );
    } else if let Some((user, database)) = to_database() {
        let database = database.trim_matches('\'');
        let _ = write!(
            said,
            "the database user {user} may not use the database `{database}`. {GRANTOR}: GRANT ALL ON `{database}`.* TO {user};"
        );
    } else {
        let _ = write!(
            said,
            "the database user lacks a right: {message}. {GRANTOR} the GRANT that it names"
        );
    }
    said
}

/// Reads "permission denied for table users" and "must be owner of table users". The server names neither user nor right.
pub(super) fn by_postgres(message: &str) -> String {
    let user = UNNAMED;
    if let Some(table) = message.strip_prefix("permission denied for table ") {
        return format!(
            "{user} lacks SELECT, INSERT, UPDATE or DELETE on the table `{table}`. {GRANTOR}, for that user: GRANT SELECT, \
             INSERT, UPDATE, DELETE ON {table} TO …;"
        );
    }
    if let Some(schema) = message.strip_prefix("permission denied for schema ") {
        return format!(
            "{user} lacks USAGE or CREATE on the schema `{schema}`. {GRANTOR}, for that user: GRANT USAGE, CREATE ON SCHEMA \
             {schema} TO …;"
        );
    }
    if let Some(database) = message.strip_prefix("permission denied for database ") {
        return format!(
            "{user} lacks CONNECT on the database {database}. {GRANTOR}, for that user: GRANT CONNECT ON DATABASE {database} \
             TO …;"
        );
    }
    if let Some(object) = message.strip_prefix("must be owner of ") {
        return format!(
            "{user} is not the owner of the {object}, and migrations change it. Run `gatelodge migrate up` as its owner, or \
             as an administrator: ALTER {object} OWNER TO …;"
        );
    }
    format!("{user} lacks a right: {message}. {GRANTOR} the GRANT that it names")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_quoted_if_it_is_not_a_plain_identifier() {
        for (role, expected) in [
            ("app_1", "app_1"),
            ("my-app", "\"my-app\""),
            ("App", "\"App\""),
            ("a\"b", "\"a\"\"b\""),
        ] {
            assert_eq!(quoted(role), expected);
        }
    }

    #[test]
    fn the_grant_is_valid_for_the_messages_of_mariadb_and_mysql() {
        let mariadb = by_mysql("INSERT command denied to user 'app'@'host' for table `db`.`users`");
        assert!(
            mariadb.contains("GRANT INSERT ON `db`.`users` TO 'app'@'host';"),
            "{mariadb}"
        );
        let mysql = by_mysql("INSERT command denied to user 'app'@'host' for table 'users'");
        assert!(
            mysql.contains("GRANT INSERT ON users TO 'app'@'host';"),
            "{mysql}"
        );
        let create = by_mysql("CREATE command denied to user 'app'@'host' for table 'users'");
        assert!(
            create.contains("REFERENCES ON * TO 'app'@'host';"),
            "{create}"
        );
    }
}
