//! Peppers: a hash needs a key outside of the database. Operators can add, change and remove the key.

use gatelodge::config::Config;

use crate::harness::{PASSWORD, TestApp, assert_no_errors, codes, test};

/// Starts another node with these peppers.
async fn node(app: &TestApp, peppers: &str) -> TestApp {
    let change =
        |config: &mut Config| config.pepper.peppers = peppers.split(',').map(Into::into).collect();
    app.another_node(change).await
}

async fn hash(app: &TestApp) -> String {
    let hashes = app.database.db_column("SELECT password_hash FROM users");
    hashes.await.remove(0)
}

#[test]
fn a_pepper_is_added_changed_and_removed_at_the_next_login_of_each_user() {
    test(async |app| {
        app.register("ada").await;
        let (one, two) = ("1bcdefgh".repeat(4), "2bcdefgh".repeat(4));
        // "one" and "two" in base64.
        for (peppers, names) in [
            (format!("one:{one}"), Some("keyid=b25l")),
            (format!("two:{two},one:{one}"), Some("keyid=dHdv")),
            (format!("none,two:{two}"), None),
        ] {
            let node = node(app, &peppers).await;
            let before = hash(app).await;
            let wrong = node.browser().login("ada", "wrong password").await;
            assert_eq!(codes(&wrong), ["INVALID_CREDENTIALS"]);
            assert_eq!(hash(app).await, before);
            for _ in 0..2 {
                let right = node.browser().login("ada", PASSWORD).await;
                assert_no_errors(&right);
            }
            let after = hash(app).await;
            assert_ne!(after, before);
            match names {
                Some(id) => assert!(after.contains(id), "{after}"),
                None => assert!(!after.contains("keyid"), "{after}"),
            }
            node.stop().await;
        }
        let right = app.browser().login("ada", PASSWORD).await;
        assert_no_errors(&right);
    });
}

#[test]
fn a_hash_without_its_pepper_matches_nothing_and_the_client_is_not_told_why() {
    test(async |app| {
        let with = node(app, &format!("one:{}", "1bcdefgh".repeat(4))).await;
        with.register("ada").await;
        assert!(hash(app).await.contains("keyid=b25l"));
        for peppers in [
            format!("one:{}", "xbcdefgh".repeat(4)),
            format!("two:{}", "1bcdefgh".repeat(4)),
        ] {
            let without = node(app, &peppers).await;
            let right = without.browser().login_reply("ada", PASSWORD).await;
            let nobody = without.browser().login_reply("nobody", PASSWORD).await;
            assert_eq!(codes(&right.data()["login"]), ["INVALID_CREDENTIALS"]);
            assert_eq!((right.status, &right.text), (nobody.status, &nobody.text));
            without.stop().await;
        }
        with.stop().await;
    });
}
