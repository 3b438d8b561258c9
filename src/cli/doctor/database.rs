//! The database: reachable, encrypted, writable, its clock, its schema, and the rights of its user.

use super::finding::Finding;
use crate::{
    config::{Config, database::DatabaseUrl},
    domain::clock::{Clock, SystemClock},
    store::{Store, StoreError},
};

const CHECK: &str = "database";

/// The difference of clocks in seconds that sessions, throttles and tokens bear without harm.
const MAX_CLOCK_DIFFERENCE: i64 = 5;

/// Checks the database. Changes nothing in it.
pub async fn check(config: &Config) -> Vec<Finding> {
    let url = &config.database.url;
    if let Some(file) = url.sqlite_file().filter(|file| !file.exists()) {
        return vec![Finding::warning(
            CHECK,
            format!("the file {} does not exist", file.display()),
            "The first start of the server creates it",
        )];
    }
    let mut database = config.database.clone();
    database.must_exist();
    let store = match Store::connect(&database).await {
        Ok(store) => store,
        Err(error) => {
            return vec![Finding::problem(
                CHECK,
                format!("{url} cannot be used: {error}"),
                "Correct DATABASE_URL, or start the database",
            )];
        }
    };
    let mut findings = vec![Finding::ok(CHECK, format!("{url} answers"))];
    findings.extend(encryption(&store, url).await);
    findings.push(clock(&store).await);
    findings.push(schema(&store).await);
    findings.extend(rights(&store).await);
    store.close().await;
    findings
}

/// Checks that the way to a database elsewhere is encrypted.
async fn encryption(store: &Store, url: &DatabaseUrl) -> Option<Finding> {
    let is_encrypted = match store.is_encrypted().await {
        Ok(is_encrypted) => is_encrypted?,
        Err(error) => return Some(unknown("whether the connection uses TLS", &error)),
    };
    if url.is_local() {
        return Some(Finding::ok(
            CHECK,
            "the database is on this machine, which needs no TLS",
        ));
    }
    let verify = "Write sslmode=verify-full (PostgreSQL) or ssl-mode=verify_identity (MySQL) in DATABASE_URL";
    Some(if !is_encrypted {
        Finding::warning(
            CHECK,
            "the connection does not use TLS, and the database is on another machine: hashes of passwords and tokens are \
             readable on the way",
            verify,
        )
    } else if url.verifies_server() {
        Finding::ok(
            CHECK,
            "the connection uses TLS, and the server's certificate is checked",
        )
    } else {
        Finding::warning(
            CHECK,
            "the connection uses TLS, but the server's certificate is not checked: another server could take its place",
            verify,
        )
    })
}

/// Checks that this machine and the database agree on the time.
async fn clock(store: &Store) -> Finding {
    let database = match store.time().await {
        Ok(time) => time,
        Err(error) => return unknown("the database's time", &error),
    };
    let difference = (SystemClock.now() - database).num_milliseconds();
    let shown = format!(
        "{}.{:03} s",
        difference.abs() / 1000,
        difference.abs() % 1000
    );
    if difference.abs() <= MAX_CLOCK_DIFFERENCE * 1000 {
        Finding::ok(
            CHECK,
            format!("this machine's clock and the database's differ by {shown}"),
        )
    } else {
        Finding::warning(
            CHECK,
            format!("this machine's clock and the database's differ by {shown}"),
            "Run NTP on both. Nodes whose clocks differ disagree on when sessions and tokens end",
        )
    }
}

/// Checks the migrations.
async fn schema(store: &Store) -> Finding {
    let schema = match store.check_schema().await {
        Ok(()) => store.schema().await,
        Err(error) => Err(store.explain(error).await),
    };
    match schema {
        Ok(schema) if !schema.pending().is_empty() => Finding::warning(
            CHECK,
            format!("migrations are pending: {}", schema.pending().join(", ")),
            "The next start applies them. With GATELODGE_NO_MIGRATE, run `gatelodge migrate up`",
        ),
        Ok(schema) if !schema.newer.is_empty() => Finding::ok(
            CHECK,
            "a newer version of Gatelodge migrated the database, and this version may serve it",
        ),
        Ok(_) => Finding::ok(CHECK, "all migrations are applied"),
        Err(error) => Finding::problem(
            CHECK,
            format!("this version cannot serve the database: {error}"),
            "Run the version that the message names, or use another database",
        ),
    }
}

/// Checks that the database accepts writes, and that its user has all rights.
async fn rights(store: &Store) -> Option<Finding> {
    // Without tables there is nothing to write to.
    if !store
        .schema()
        .await
        .is_ok_and(|schema| schema.pending().is_empty())
    {
        return None;
    }
    let checked = match store.check_writable().await {
        Ok(()) => store.check_rights().await,
        Err(error) => Err(store.explain(error).await),
    };
    Some(match checked {
        Ok(()) => Finding::ok(
            CHECK,
            "it accepts writes, and its user has all rights that a node needs",
        ),
        Err(error) => Finding::problem(
            CHECK,
            format!("the gateway cannot write: {error}"),
            "Grant the rights, or connect to the server that accepts writes",
        ),
    })
}

fn unknown(what: &str, error: &StoreError) -> Finding {
    Finding::warning(
        CHECK,
        format!("{what} is unknown: {error}"),
        "Check the database",
    )
}
