//! Upgrades: databases that commit 8a81b96 wrote are migrated at the start, and their users log in.
//!
//! `tests/database/old/write.sh` wrote the fixtures: the users ada and bob, a session of ada, an imported user carol with
//! a hash of another system, and one failed login of bob.

use gatelodge::config::Config;
use sea_orm::{ConnectionTrait, TransactionTrait};

use crate::harness::{PASSWORD, TestApp, TestDatabase, assert_no_errors, codes, on_every_database};

/// Returns the statements of a fixture, and the token of ada's session.
fn fixture(database: &TestDatabase) -> (&'static str, &'static str) {
    match database.name() {
        "sqlite" => (
            include_str!("old/sqlite.sql"),
            include_str!("old/sqlite.token"),
        ),
        "mysql" => (
            include_str!("old/mysql.sql"),
            include_str!("old/mysql.token"),
        ),
        _ => (
            include_str!("old/postgres.sql"),
            include_str!("old/postgres.token"),
        ),
    }
}

/// Fills an empty database from the fixture, and returns the token of ada's session.
async fn restore(database: &TestDatabase) -> &'static str {
    let (statements, token) = fixture(database);
    let connection = database.connect().await;
    // One connection runs all statements, since the first one may be a setting of the connection.
    let transaction = connection.begin().await.unwrap();
    for statement in statements.lines() {
        transaction.execute_unprepared(statement).await.unwrap();
    }
    transaction.commit().await.unwrap();
    connection.close().await.unwrap();
    token
}

/// The clock of the tests is weeks ahead of the fixtures.
fn with_long_sessions(config: &mut Config) {
    config.session.idle = Some(std::time::Duration::from_hours(400 * 24));
    config.session.lifetime = std::time::Duration::from_hours(400 * 24);
}

#[test]
fn users_of_an_old_database_log_in_after_the_upgrade() {
    on_every_database(async |database| {
        restore(&database).await;
        let app = TestApp::spawn(database, |_| {}).await;
        for username in ["ada", "bob", "carol"] {
            let browser = app.browser();
            let refused = browser.login(username, "wrong horse").await;
            assert_eq!(codes(&refused), ["INVALID_CREDENTIALS"], "{username}");
            assert_eq!(browser.me().await, None);
            let payload = browser.login(username, PASSWORD).await;
            assert_no_errors(&payload);
            assert_eq!(browser.me().await.as_deref(), Some(username));
        }
        app.stop().await;
    });
}

#[test]
fn a_session_of_an_old_database_still_works_after_the_upgrade() {
    on_every_database(async |database| {
        let token = restore(&database).await;
        let app = TestApp::spawn(database, with_long_sessions).await;
        let browser = app.browser();
        browser.set_token(token);
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
        assert!(browser.logout().await);
        browser.set_token(token);
        assert_eq!(browser.me().await, None);
        app.stop().await;
    });
}

#[test]
fn new_users_register_in_an_old_database_after_the_upgrade() {
    on_every_database(async |database| {
        restore(&database).await;
        let app = TestApp::spawn(database, |_| {}).await;
        let taken = app.browser().register("ADA", PASSWORD).await;
        assert_eq!(codes(&taken), ["USERNAME_TAKEN"]);
        app.register("dave").await;
        app.stop().await;
    });
}
