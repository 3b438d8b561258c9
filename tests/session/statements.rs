//! The number of statements that a request needs, as PostgreSQL's `pg_stat_statements` counts them, where it is loaded.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use crate::harness::{PASSWORD, TestApp, TestDatabase, eventually, on_every_database};

/// Statements of this database and how often each ran, except ours and those of background work that repeats at
/// intervals of seconds: heartbeats, lookups for imported hashes, and readings of the signing keys.
type Calls = BTreeMap<String, i64>;

struct Counter(DatabaseConnection);

impl Counter {
    /// `None` where the server does not count.
    async fn start(database: &TestDatabase) -> Option<Self> {
        let db = database.connect().await;
        let extension = db.execute_unprepared("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
        let counter = match extension.await {
            Ok(_) => Self(db),
            Err(_) => return None,
        };
        counter.counts().await.map(|_| counter)
    }

    async fn counts(&self) -> Option<Calls> {
        let sql = "SELECT query, SUM(calls)::BIGINT FROM pg_stat_statements
            WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND query NOT LIKE '%pg_stat_statements%' AND query <> 'SELECT pg_notify($1, $2)'
              AND query NOT LIKE '%foreign_hashes%'
              AND query NOT LIKE '%signing_keys%' AND query NOT LIKE '%clock_timestamp()%'
            GROUP BY query";
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        let rows = self.0.query_all_raw(statement).await.ok()?;
        let pair = |row: &sea_orm::QueryResult| {
            (
                row.try_get_by_index(0).unwrap(),
                row.try_get_by_index(1).unwrap(),
            )
        };
        Some(rows.iter().map(pair).collect())
    }

    /// Returns the statements that an action runs. BEGIN and COMMIT count.
    async fn of(&self, action: impl Future) -> Vec<String> {
        let before = self.counts().await.unwrap();
        action.await;
        let mut ran = vec![];
        for (query, calls) in self.counts().await.unwrap() {
            for _ in before.get(&query).copied().unwrap_or(0)..calls {
                ran.push(query.clone());
            }
        }
        ran
    }
}

#[test]
fn a_cached_session_needs_no_statement_and_an_uncached_one_needs_one() {
    on_every_database(async |database| {
        if !database.name().starts_with("postgres") {
            return;
        }
        let Some(counter) = Counter::start(&database).await else {
            eprintln!("SKIPPED: the server at hand has no pg_stat_statements, so nothing counts");
            return;
        };
        let app = TestApp::spawn(database, |_| {}).await;
        // Background work has finished: the listener listens, and the first sweep ends with the throttles.
        eventually("background work is finished", async || {
            let counts = counter.counts().await.unwrap();
            let ran = |part| counts.keys().any(|query| query.contains(part));
            ran("LISTEN") && ran(r#""throttles"."taken_at" <"#)
        })
        .await;
        let browser = app.browser();
        let mut costs = BTreeMap::new();
        costs.insert(
            "register",
            counter.of(browser.must_register("ada", PASSWORD)).await,
        );
        costs.insert(
            "login again",
            counter.of(browser.login("ada", PASSWORD)).await,
        );
        costs.insert(
            "login of a new browser",
            counter.of(app.browser().login("ada", PASSWORD)).await,
        );
        costs.insert("me, cold", counter.of(browser.me()).await);
        eventually("the session is cached", async || {
            counter.of(browser.me()).await.is_empty()
        })
        .await;
        costs.insert("me, warm", counter.of(browser.me()).await);
        let forward_auth = async |status: u16| {
            let reply = browser.get("/forward-auth").await;
            assert_eq!(reply.status, status);
        };
        costs.insert("forward-auth, warm", counter.of(forward_auth(200)).await);
        costs.insert("logout", counter.of(browser.logout()).await);
        costs.insert("me, nobody", counter.of(browser.me()).await);
        costs.insert("forward-auth, nobody", counter.of(forward_auth(401)).await);
        // Shown by `cargo test -- --nocapture statements`.
        for (what, statements) in &costs {
            eprintln!(
                "{what}: {}\n    {}",
                statements.len(),
                statements.join("\n    ")
            );
        }
        // The throttle's part: one read of all counts, one change of each, and one more for each released one.
        let throttles = |what| {
            let of = |sql: &&String| sql.contains("throttles");
            costs[what].iter().filter(of).count()
        };
        assert_eq!(throttles("login again"), 4, "{costs:#?}");
        assert_eq!(throttles("login of a new browser"), 6, "{costs:#?}");
        assert_eq!(costs["me, cold"].len(), 1, "{costs:#?}");
        assert_eq!(costs["me, warm"].len(), 0, "{costs:#?}");
        assert_eq!(costs["me, nobody"].len(), 0, "{costs:#?}");
        for what in ["forward-auth, warm", "forward-auth, nobody"] {
            assert_eq!(costs[what].len(), 0, "{costs:#?}");
        }
        counter.0.close().await.unwrap();
        app.stop().await;
    });
}
