//! `gatelodge user unlock`: failed logins are forgiven.

use super::{operator_events, user, user_with};
use crate::harness::{PASSWORD, SECRET, TestApp, codes, test_with};

#[test]
fn unlock_resets_the_failures_of_new_browsers_and_needs_the_secret_of_the_deployment() {
    let five = |config: &mut gatelodge::config::Config| config.throttle.account = 5;
    test_with(five, async |app| {
        let known = app.register("Ada").await;
        for _ in 0..5 {
            app.fail_login("ada").await;
            known.login("ada", "wrong password").await;
        }
        let throttled = app.browser().login("ada", PASSWORD).await;
        assert_eq!(codes(&throttled), ["THROTTLED"]);

        let database = [("DATABASE_URL", app.database.url.as_str())];
        let without = user_with(&database, &["unlock", "ada"], "");
        assert_eq!(without.status, 2, "{without:?}");
        assert!(without.error.contains("GATELODGE_SECRET"), "{without:?}");
        let other = [
            database[0],
            ("GATELODGE_SECRET", "another secret, of 32 bytes or more"),
        ];
        let nothing = user_with(&other, &["unlock", "ada"], "");
        assert!(nothing.out.contains("had no failed logins"), "{nothing:?}");

        let unlocked = user(&app.database, &["unlock", "ada"], "");
        assert_eq!(unlocked.status, 0, "{unlocked:?}");
        assert!(
            unlocked.out.contains("can log in without waiting"),
            "{unlocked:?}"
        );
        // A known browser has a count of its own, which the command cannot find. The output says so.
        assert!(unlocked.error.contains("20 minutes"), "{unlocked:?}");
        assert_eq!(codes(&known.login("ada", PASSWORD).await), ["THROTTLED"]);
        // The second time there is nothing to reset and nothing to record.
        let again = user(&app.database, &["unlock", "ada"], "");
        assert_eq!(again.status, 0, "{again:?}");
        assert!(again.out.contains("had no failed logins"), "{again:?}");
        assert_eq!(operator_events(app).await, ["user_unlocked"]);
        for _ in 0..5 {
            let wait = app.fail_login("ada").await;
            assert_eq!(wait, None, "all five are free again");
        }
        assert_eq!(
            codes(&app.browser().login("ada", "wrong password").await),
            ["THROTTLED"]
        );
        // A generated secret is found where the deployment keeps it.
        db_keep_secret(app, SECRET).await;
        let unlocked = user_with(&database, &["unlock", "ada"], "");
        assert!(
            unlocked.out.contains("can log in without waiting"),
            "{unlocked:?}"
        );
        app.log_in("ada").await;
        assert_eq!(
            operator_events(app).await,
            ["user_unlocked", "user_unlocked"]
        );
    });
}

/// Stores a secret as a deployment does that generated it.
async fn db_keep_secret(app: &TestApp, secret: &str) {
    if app.database.is_sqlite() {
        let path = app.database.url.trim_start_matches("sqlite://");
        let path = path.replace("gatelodge.db?mode=rwc", "gatelodge.secret");
        std::fs::write(path, secret).unwrap();
    } else {
        let keep =
            format!("INSERT INTO secrets (name, secret_value) VALUES ('gatelodge', '{secret}')");
        app.database.db_execute(&keep).await;
    }
}
