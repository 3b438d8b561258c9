//! `gatelodge user events`, and the logins in `user show`: for an operator whose user asks for help.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::user;
use crate::account::security_events_limit::{flood, id_of};
use crate::harness::{
    PASSWORD, test,
    transfer::{can_log_in, import_text, line},
};

#[test]
fn an_operator_sees_the_events_of_one_user_newest_first() {
    test(async |app| {
        app.register("ada").await;
        app.register("bob").await;
        app.advance(TimeDelta::minutes(1));
        assert!(!can_log_in(app, "ada", "wrong password").await);
        app.advance(TimeDelta::minutes(1));
        assert!(can_log_in(app, "ada", PASSWORD).await);
        app.finish_background_work().await;

        let events = user(&app.database, &["events", "ADA", "--json"], "").lines();
        let kinds: Vec<_> = events.iter().map(|event| event["kind"].clone()).collect();
        assert_eq!(kinds, ["LOGGED_IN", "LOGIN_REFUSED", "REGISTERED"]);
        for event in &events {
            assert_eq!(event["clientAddress"], "127.0.0.1");
            assert_eq!(event["actorId"], Value::Null);
            assert!(event["id"].is_string() && event["createdAt"].is_string());
        }
        let table = user(&app.database, &["events", "ada"], "").out;
        let rows: Vec<_> = table.lines().collect();
        assert_eq!(rows.len(), 4, "{table}");
        assert!(rows[1].contains("logged in") && rows[1].contains("127.0.0.1"));
        assert_eq!(user(&app.database, &["events", "nobody"], "").status, 1);
    });
}

#[test]
fn events_of_more_than_one_page_are_all_shown_once() {
    test(async |app| {
        app.register("ada").await;
        flood(app, id_of(app, "ada").await, 510).await;
        let events = user(&app.database, &["events", "ada", "--json"], "").lines();
        let mut ids: Vec<_> = events.iter().map(|event| event["id"].to_string()).collect();
        assert_eq!(ids.len(), 511);
        ids.dedup();
        assert_eq!(ids.len(), 511);
    });
}

#[test]
fn show_has_the_external_id_and_the_imported_last_login_until_the_first_login() {
    test(async |app| {
        let row = line(
            "crm-7",
            "ada",
            &json!({ "last_login": "2024-01-02T03:04:05Z" }),
        );
        assert_eq!(import_text(app, "jsonl", &row, &[]).status, 0);
        let shown = user(&app.database, &["show", "ada", "--json"], "")
            .lines()
            .remove(0);
        assert_eq!(shown["externalId"], "crm-7");
        assert_eq!(shown["lastLogin"], "2024-01-02T03:04:05+00:00");
        let table = user(&app.database, &["show", "ada"], "").out;
        assert!(
            table.contains("crm-7") && table.contains("2024-01-02 03:04 UTC"),
            "{table}"
        );

        assert!(can_log_in(app, "ada", PASSWORD).await);
        let shown = user(&app.database, &["show", "ada", "--json"], "")
            .lines()
            .remove(0);
        assert_eq!(shown["lastLogin"], "2027-01-15T08:00:00+00:00");
    });
}
