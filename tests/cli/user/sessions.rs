//! `gatelodge user set-password` and `revoke-sessions`: which sessions they end.

use std::fmt::Write as _;

use serde_json::json;

use super::{VISIBILITY_DELAY, operator_events, user};
use crate::harness::{PASSWORD, TestApp, assert_no_errors, codes, eventually, test};

#[test]
fn a_new_password_ends_all_sessions_and_the_old_password() {
    test(async |app| {
        let browser = app.register("ada").await;
        let set = ["set-password", "ada", "--password-stdin"];
        let refused = user(&app.database, &set, "ada ada");
        assert_eq!(refused.status, 1, "{refused:?}");
        assert_eq!(browser.me().await.as_deref(), Some("ada"));

        let done = user(&app.database, &set, "violet harbour\n");
        assert_eq!(done.status, 0, "{done:?}");
        app.advance(VISIBILITY_DELAY);
        eventually("the cookie does not work any more", async || {
            browser.me().await.is_none()
        })
        .await;
        let old = app.browser().login("ada", PASSWORD).await;
        assert_eq!(codes(&old), ["INVALID_CREDENTIALS"]);
        let new = app.browser().login("ada", "violet harbour").await;
        assert_no_errors(&new);
        assert_eq!(operator_events(app).await, ["password_changed"]);
    });
}

#[test]
fn sessions_of_one_user_or_of_all_users_are_ended() {
    test(async |app| {
        let (ada, also_ada, bob) = (app.browser(), app.browser(), app.browser());
        ada.must_register("ada", PASSWORD).await;
        also_ada.login("ada", PASSWORD).await;
        bob.must_register("bob", PASSWORD).await;
        let one = user(&app.database, &["revoke-sessions", "ada"], "");
        assert_eq!((one.status, one.out.as_str()), (0, "sessions ended: 2\n"));
        for browser in [&ada, &also_ada] {
            app.advance(VISIBILITY_DELAY);
            eventually("the cookie does not work any more", async || {
                browser.me().await.is_none()
            })
            .await;
        }
        assert_eq!(bob.me().await.as_deref(), Some("bob"));
        assert_no_errors(&ada.login("ada", PASSWORD).await);

        // As after a restored backup: more sessions than one transaction ends.
        db_add_sessions(app, 1200).await;
        let all = ["revoke-sessions", "--all", "--json"];
        let all = user(&app.database, &all, "").line();
        assert_eq!(all, json!({ "revokedCount": 1202 }));
        assert_eq!(app.database.db_count("sessions").await, 0);
        for browser in [&ada, &bob] {
            app.advance(VISIBILITY_DELAY);
            eventually("the cookie does not work any more", async || {
                browser.me().await.is_none()
            })
            .await;
        }
        let events = operator_events(app).await;
        assert!(events.iter().all(|kind| kind == "session_revoked"));
        let words = "SELECT DISTINCT username FROM users JOIN security_events ON user_id = users.id
            WHERE kind = 'session_revoked' ORDER BY username";
        let words: Vec<String> = app.database.db_column(words).await;
        assert_eq!(words, ["ada", "bob"]);
        assert_no_errors(&bob.login("bob", PASSWORD).await);
    });
}

/// Copies a session behind the app's back.
async fn db_add_sessions(app: &TestApp, count: u128) {
    let is_postgres = app.database.name().starts_with("postgres");
    let mut sql = String::new();
    for number in 0..count {
        let (id, token) = if is_postgres {
            (format!("'{number:032x}'"), format!("'\\x{number:064x}'"))
        } else {
            (format!("X'{number:032x}'"), format!("X'{number:064x}'"))
        };
        write!(
            sql,
            "INSERT INTO sessions (id, token_hash, user_id, created_at, authenticated_at, last_seen_at, expires_at, persistent)
             SELECT {id}, {token}, user_id, created_at, authenticated_at, last_seen_at, expires_at, persistent
             FROM sessions ORDER BY id DESC LIMIT 1;"
        )
        .unwrap();
    }
    app.database.db_execute(&sql).await;
}
