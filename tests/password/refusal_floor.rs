//! While hashes of other systems remain, the time of a refused login does not reveal their users.

use std::time::Instant;

use serde_json::json;

use crate::harness::{
    PASSWORD, test,
    transfer::{can_log_in, import_text, line},
};

/// Django's PBKDF2 of `correct horse`, with three hundred thousand iterations.
const SLOW: &str = "pbkdf2_sha256$300000$salty$+WY+1TrspydS9w4WkbZJQ/Wb9xuzG+grZWl2bYS4ZEI=";

#[test]
fn refused_logins_take_as_long_as_the_slowest_remaining_hash() {
    test(async |app| {
        app.register("fresh").await;
        app.auth.update_refusal_floor().await.unwrap();
        assert!(app.auth.refusal_floor().get().is_zero());
        // A slow kind, a fast one, and a user without a password.
        let file = line("1", "slow", &json!({ "password_hash": SLOW }))
            + &line("2", "fast", &json!({}))
            + &line("3", "none", &json!({ "password_hash": "!" }));
        assert_eq!(import_text(app, "jsonl", &file, &[]).status, 0);
        app.auth.update_refusal_floor().await.unwrap();
        let floor = app.auth.refusal_floor().get();
        for username in ["slow", "fast", "fresh", "none", "nobody", "a b"] {
            let start = Instant::now();
            assert!(!can_log_in(app, username, "not their password").await);
            let took = start.elapsed();
            // The time may have fallen since. There is no upper bound: a machine may always be slower.
            let floor = floor.min(app.auth.refusal_floor().get());
            assert!(took >= floor, "{username}");
        }
        // A user who logs in leaves one slow hash less.
        assert!(can_log_in(app, "slow", PASSWORD).await);
        app.auth.update_refusal_floor().await.unwrap();
        let lower = app.auth.refusal_floor().get();
        assert!(!lower.is_zero());
        // The remaining hashes are three hundred times cheaper.
        assert!(lower < floor / 4, "{lower:?}, {floor:?}");
        assert_eq!(
            app.database
                .db_column::<String>("SELECT kind FROM foreign_hashes")
                .await,
            ["pbkdf2-sha256"]
        );
        // The last hash is gone, by whichever way, and the node notices.
        app.database
            .db_execute("UPDATE users SET password_hash = '!' WHERE username = 'fast'")
            .await;
        app.auth.update_refusal_floor().await.unwrap();
        assert!(app.auth.refusal_floor().get().is_zero());
        assert_eq!(app.database.db_count("foreign_hashes").await, 0);
    });
}

#[test]
fn hash_costs_recorded_during_a_lookup_are_kept() {
    test(async |app| {
        assert_eq!(
            import_text(app, "jsonl", &line("1", "ada", &json!({})), &[]).status,
            0
        );
        let hashes = app.auth.store().foreign_hashes_mut();
        let read = hashes.slowest("pbkdf2-sha256").await.unwrap().unwrap();
        // An import that wraps runs in between.
        assert_eq!(import_text(app, "jsonl", "", &["--wrap"]).status, 0);
        hashes.forget(&read).await.unwrap();
        let kinds = "SELECT kind FROM foreign_hashes";
        assert_eq!(
            app.database.db_column::<String>(kinds).await,
            ["wrapped-pbkdf2-sha256"]
        );
        let left = hashes
            .slowest("wrapped-pbkdf2-sha256")
            .await
            .unwrap()
            .unwrap();
        hashes.forget(&left).await.unwrap();
        assert_eq!(app.database.db_count("foreign_hashes").await, 0);
    });
}
