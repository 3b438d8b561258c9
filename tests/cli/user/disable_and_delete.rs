//! `gatelodge user disable`, `enable` and `delete`.

use serde_json::Value;

use super::{VISIBILITY_DELAY, operator_events, user};
use crate::harness::{PASSWORD, codes, eventually, test};

#[test]
fn a_disabled_user_is_logged_out_everywhere_and_cannot_log_in_until_enabled() {
    test(async |app| {
        let browser = app.register("ada").await;
        let copied = browser.token().unwrap();
        let stays = app.register("bob").await;

        let disabled = user(&app.database, &["disable", "ADA", "--json"], "").line();
        assert!(disabled["disabledAt"].is_string(), "{disabled:#}");
        app.advance(VISIBILITY_DELAY);
        eventually("the copied cookie does not work any more", async || {
            browser.me().await.is_none()
        })
        .await;
        assert_eq!(stays.me().await.as_deref(), Some("bob"));

        let refused = app.browser().login("ada", PASSWORD).await;
        let stranger = app.browser().login("nobody", PASSWORD).await;
        assert_eq!(codes(&refused), ["INVALID_CREDENTIALS"]);
        assert_eq!(refused, stranger);
        // The user's own browser does not learn it, either.
        assert_eq!(browser.login("ada", PASSWORD).await, stranger);

        // A second call changes nothing, not even the time.
        let again = user(&app.database, &["disable", "ada", "--json"], "").line();
        assert_eq!(again, disabled);

        let enabled = user(&app.database, &["enable", "ada", "--json"], "").line();
        assert_eq!(enabled["disabledAt"], Value::Null);
        browser.set_token(&copied);
        assert_eq!(browser.me().await, None, "the old session stays ended");
        app.log_in("ada").await;
        assert_eq!(
            operator_events(app).await,
            ["user_disabled", "user_enabled"]
        );
    });
}

#[test]
fn a_deleted_user_is_removed_and_only_the_event_of_the_deletion_stays() {
    test(async |app| {
        let browser = app.register("ada").await;
        let gone = user(&app.database, &["delete", "ada"], "");
        assert_eq!((gone.status, gone.out.as_str()), (0, "ada is deleted\n"));
        app.advance(VISIBILITY_DELAY);
        eventually("the copied cookie does not work any more", async || {
            browser.me().await.is_none()
        })
        .await;
        let refused = app.browser().login("ada", PASSWORD).await;
        assert_eq!(codes(&refused), ["INVALID_CREDENTIALS"]);
        for (table, left) in [("users", 0), ("sessions", 0)] {
            assert_eq!(app.database.db_count(table).await, left, "{table}");
        }
        assert_eq!(operator_events(app).await, ["user_deleted"]);
        // The name is free for another user.
        app.register("Ada").await;
    });
}
