//! `deleteUser`: a user and all their data are removed.

use chrono::TimeDelta;
use serde_json::json;

use crate::harness::{PASSWORD, assert_no_errors, codes, test};

#[test]
fn deleting_a_user_removes_everything_of_that_user_and_nothing_else() {
    test(async |app| {
        let bob = app.register("bob").await;
        let other = app.browser();
        let registered = other.must_register("ada", PASSWORD).await;
        let browser = app.log_in("ada").await;
        let input = json!({ "currentPassword": PASSWORD });
        let reply = browser
            .mutate_reply("deleteUser", input, "deletedUserId")
            .await;
        assert_eq!(
            reply.data()["deleteUser"],
            json!({ "deletedUserId": registered["user"]["id"], "userErrors": [] })
        );
        assert_eq!(reply.json()["extensions"]["identity"], "anonymous");
        assert!(reply.set_cookies()[0].starts_with("gatelodge=;"));
        for browser in [&browser, &other] {
            assert_eq!(browser.me().await, None);
        }
        assert_eq!(bob.me().await.as_deref(), Some("bob"));
        assert_eq!(app.database.db_count("users").await, 1);
        assert_eq!(app.database.db_count("sessions").await, 1);
        // The event of the deletion stays, without an address.
        let kinds = "SELECT kind FROM security_events ORDER BY kind";
        let kinds = app.database.db_column::<String>(kinds).await;
        assert_eq!(kinds, ["registered", "user_deleted"]);
        let addresses = "SELECT COUNT(*) FROM security_events WHERE client_address IS NOT NULL";
        let addresses = app.database.db_column::<i64>(addresses).await;
        assert_eq!(addresses, [1], "bob's");
        assert_eq!(
            codes(&app.browser().login("ada", PASSWORD).await),
            ["INVALID_CREDENTIALS"]
        );
        app.browser().must_register("ada", "another person").await;
    });
}

#[test]
fn the_event_of_a_deletion_stays_without_name_address_or_agent() {
    test(async |app| {
        let browser = app.register("ada").await;
        let input = json!({ "currentPassword": PASSWORD });
        browser.mutate("deleteUser", input, "deletedUserId").await;
        let left = app
            .database
            .db_column::<String>("SELECT kind FROM security_events")
            .await;
        assert_eq!(left, ["user_deleted"]);
        let sql = "SELECT COUNT(*) FROM security_events
                    WHERE client_address IS NOT NULL OR user_agent IS NOT NULL";
        assert_eq!(app.database.db_column::<i64>(sql).await, [0]);
    });
}

#[test]
fn deleting_a_user_needs_a_recent_password_check_and_the_password() {
    test(async |app| {
        let browser = app.register("ada").await;
        app.advance(TimeDelta::minutes(15));
        let delete = async |password: &str| {
            let input = json!({ "currentPassword": password });
            browser.mutate("deleteUser", input, "deletedUserId").await
        };
        assert_eq!(
            codes(&delete(PASSWORD).await),
            ["REAUTHENTICATION_REQUIRED"]
        );
        let input = json!({ "password": PASSWORD });
        browser
            .mutate("reauthenticate", input, "session { id }")
            .await;
        assert_eq!(
            codes(&delete("a wrong guess").await),
            ["INVALID_CREDENTIALS"]
        );
        assert_eq!(app.database.db_count("users").await, 1);
        assert_no_errors(&delete(PASSWORD).await);
        assert_eq!(app.database.db_count("users").await, 0);
    });
}

#[test]
fn the_last_administrator_cannot_be_deleted() {
    test(async |app| {
        let (ada, bob) = (app.browser(), app.browser());
        ada.must_register("ada", PASSWORD).await;
        bob.must_register("bob", PASSWORD).await;
        app.database
            .db_execute("UPDATE users SET roles = ' admin ', is_admin = TRUE")
            .await;
        let input = json!({ "currentPassword": PASSWORD });
        let delete = async |browser: &crate::harness::Browser| {
            browser
                .mutate("deleteUser", input.clone(), "deletedUserId")
                .await
        };
        let (first, second) = tokio::join!(delete(&ada), delete(&bob));
        let mut answers = [codes(&first), codes(&second)].concat();
        answers.sort_unstable();
        assert_eq!(answers, ["LAST_ADMIN"]);
        assert_eq!(app.database.db_count("users").await, 1);
    });
}
