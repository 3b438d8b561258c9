//! `gatelodge user events` and what `user show` says about logins: what an operator looks at when a user asks for help.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::account::security_events_limit::{flood, id_of};
use crate::harness::{
    TestApp,
    moving_in::{Ran, import_text, line, may_log_in, user},
    test,
};

const PASSWORD: &str = "correct horse";

fn run(app: &TestApp, arguments: &[&str]) -> Ran {
    user(app, arguments).output().unwrap().into()
}

fn lines(ran: &Ran) -> Vec<Value> {
    assert_eq!(ran.status, 0, "{}", ran.error);
    let lines = ran.out.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn an_operator_sees_a_users_events_the_newest_first_and_nobody_elses() {
    test(async |app| {
        app.browser().registered("ada", PASSWORD).await;
        app.browser().registered("bob", PASSWORD).await;
        app.advance(TimeDelta::minutes(1));
        assert!(!may_log_in(app, "ada", "wrong password").await);
        app.advance(TimeDelta::minutes(1));
        assert!(may_log_in(app, "ada", PASSWORD).await);
        app.at_rest().await;

        let events = lines(&run(app, &["events", "ADA", "--json"]));
        let kinds: Vec<_> = events.iter().map(|event| event["kind"].clone()).collect();
        assert_eq!(kinds, ["LOGGED_IN", "LOGIN_REFUSED", "REGISTERED"]);
        for event in &events {
            assert_eq!(event["clientAddress"], "127.0.0.1");
            assert_eq!(event["actorId"], Value::Null);
            assert!(event["id"].is_string() && event["createdAt"].is_string());
        }
        let table = run(app, &["events", "ada"]).out;
        let rows: Vec<_> = table.lines().collect();
        assert_eq!(rows.len(), 4, "{table}");
        assert!(rows[1].contains("logged in") && rows[1].contains("127.0.0.1"));
        assert_eq!(run(app, &["events", "nobody"]).status, 1);
    });
}

#[test]
fn more_events_than_a_page_are_all_shown_once() {
    test(async |app| {
        app.browser().registered("ada", PASSWORD).await;
        flood(app, id_of(app, "ada").await, 510).await;
        let events = lines(&run(app, &["events", "ada", "--json"]));
        let mut ids: Vec<_> = events.iter().map(|event| event["id"].to_string()).collect();
        assert_eq!(ids.len(), 511);
        ids.dedup();
        assert_eq!(ids.len(), 511);
    });
}

#[test]
fn show_has_the_external_id_and_the_last_login_there_until_there_is_one_here() {
    test(async |app| {
        let row = line(
            "crm-7",
            "ada",
            &json!({ "last_login": "2024-01-02T03:04:05Z" }),
        );
        assert_eq!(import_text(app, "jsonl", &row, &[]).status, 0);
        let shown = lines(&run(app, &["show", "ada", "--json"])).remove(0);
        assert_eq!(shown["externalId"], "crm-7");
        assert_eq!(shown["lastLogin"], "2024-01-02T03:04:05+00:00");
        let table = run(app, &["show", "ada"]).out;
        assert!(
            table.contains("crm-7") && table.contains("2024-01-02 03:04 UTC"),
            "{table}"
        );

        assert!(may_log_in(app, "ada", PASSWORD).await);
        let shown = lines(&run(app, &["show", "ada", "--json"])).remove(0);
        assert_eq!(shown["lastLogin"], "2027-01-15T08:00:00+00:00");
    });
}
