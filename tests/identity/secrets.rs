//! The secrets that encrypt signing keys: their rotation, and what happens when they are lost.

use std::sync::Arc;

use gatelodge::{
    app::{self, BuildError},
    config::Config,
    domain::{clock::SystemClock, entropy::OsEntropy},
    identity::{Keys, keys::KeysError},
    store::SharedSecret,
};
use reqwest::StatusCode;

use super::{published, token};
use crate::harness::{TestApp, TestDatabase, config, on_every_database, test, test_with};

const OLD: &str = "an old secret of tests with 32 bytes";
const NEW: &str = "a new secret of tests with 32 bytes";

fn encrypted_with(ring: &[(&str, &str)]) -> impl Fn(&mut Config) {
    let ring: Vec<_> = ring
        .iter()
        .map(|(id, secret)| format!("{id}:{secret}"))
        .collect();
    move |config| {
        config.token.encryption_keys = ring.iter().map(|entry| entry.as_str().into()).collect();
    }
}

async fn sealed_with(database: &TestDatabase) -> Vec<String> {
    let ask = "SELECT sealed_with FROM signing_keys ORDER BY number";
    database.db_column(ask).await
}

/// Returns the error of a start with these settings.
async fn start_error(database: &TestDatabase, change: impl Fn(&mut Config)) -> Option<BuildError> {
    let mut config = config(database);
    change(&mut config);
    let app = app::build(config, Arc::new(SystemClock), Arc::new(OsEntropy)).await;
    app.err()
}

#[test]
fn the_key_ring_replaces_a_secret_while_nodes_serve() {
    on_every_database(async |database| {
        let node = TestApp::spawn(database.clone(), |_| {}).await;
        let kid = published(&node);
        node.stop().await;
        assert_eq!(sealed_with(&database).await, ["secret"]);
        // Each step keeps the key and its users.
        for (ring, expected) in [
            (vec![("a", OLD)], "a"),
            (vec![("b", NEW), ("a", OLD)], "b"),
            (vec![("b", NEW)], "b"),
        ] {
            let node = TestApp::spawn(database.clone(), encrypted_with(&ring)).await;
            assert_eq!(published(&node), kid);
            token(&node, &node.register(expected_name(&ring)).await.browser).await;
            assert_eq!(sealed_with(&database).await, [expected]);
            node.stop().await;
        }
    });
}

/// Returns a username that no other step uses.
fn expected_name(ring: &[(&str, &str)]) -> &'static str {
    match ring {
        [("a", _)] => "ada",
        [_, _] => "grace",
        _ => "joan",
    }
}

#[test]
fn off_loopback_a_node_whose_secret_decrypts_no_key_does_not_start() {
    on_every_database(async |database| {
        TestApp::spawn(database.clone(), |_| {}).await.stop().await;
        let before = sealed_with(&database).await;
        let error = start_error(&database, |config| {
            config.browser.public_url = "https://gate.example".parse().unwrap();
            config.secret.secret = Some(NEW.into());
        })
        .await
        .unwrap();
        assert!(matches!(error, BuildError::Keys(KeysError::Sealed { .. })));
        let message = error.to_string();
        for part in [
            "GATELODGE_SECRET",
            "GATELODGE_ENCRYPTION_KEYS",
            "gatelodge keys rotate --now",
        ] {
            assert!(message.contains(part), "{message}");
        }
        assert_eq!(sealed_with(&database).await, before);
    });
}

#[test]
fn on_loopback_a_key_that_no_secret_decrypts_is_replaced() {
    on_every_database(async |database| {
        let node = TestApp::spawn(database.clone(), |_| {}).await;
        let old = published(&node);
        node.stop().await;
        let node = TestApp::spawn(database.clone(), |config| {
            config.secret.secret = Some(NEW.into());
        })
        .await;
        let new = published(&node);
        assert_eq!(new.len(), 1);
        assert_ne!(new, old);
        token(&node, &node.register("ada").await.browser).await;
        node.stop().await;
    });
}

#[test]
fn a_running_node_that_cannot_decrypt_the_next_key_signs_with_the_earlier_one() {
    test(async |app| {
        let browser = app.register("ada").await.browser;
        let kid = published(app);
        let other = encrypted_with(&[("b", NEW)]);
        let other = Box::pin(app.another_node(other)).await;
        // The other node encrypted the key again. This one has decrypted it before.
        other.issuer.keys().rotate().await.unwrap();
        app.issuer.keys().refresh().await.unwrap();
        app.advance(chrono::TimeDelta::minutes(21));
        assert_eq!(published(app).len(), 2);
        assert_eq!(token(app, &browser).await.kid(), kid[0]);
        other.stop().await;
    });
}

#[test]
fn a_node_that_cannot_decrypt_the_only_key_is_not_ready() {
    test_with(
        |config| config.browser.public_url = "https://gate.example".parse().unwrap(),
        async |app| {
            assert_eq!(app.browser().get("/readyz").await.status, StatusCode::OK);
            // An operator replaces the keys with the wrong secret.
            let store = app.auth.store().clone();
            let secret = SharedSecret::new(Some(&NEW.into()), NEW.into(), store.clone());
            let keys = Keys::new(
                store,
                Arc::new(secret),
                app.clock.clone(),
                Arc::new(OsEntropy),
                config(&app.database).token,
            );
            keys.replace().await.unwrap();
            app.issuer.keys().refresh().await.unwrap();
            app.advance(chrono::TimeDelta::seconds(2));
            let reply = app.browser().get("/readyz").await;
            assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
            let admin = app.browser().at(app.admin).on_page(None);
            let details = admin.get("/readyz").await.json();
            let problem = details["signingKey"].as_str().unwrap();
            assert!(problem.contains("GATELODGE_SECRET"), "{details}");
        },
    );
}

#[test]
fn a_changed_row_is_not_used() {
    test(async |app| {
        let other = app.issuer.keys().rotate().await.unwrap();
        // Somebody who can write to the database publishes a key of their own under the id of another.
        app.database
            .db_execute(&format!(
                "UPDATE signing_keys SET private_key_sealed = '{}'",
                other.private_key_sealed
            ))
            .await;
        let node = start_error(&app.database, |config| {
            config.browser.public_url = "https://gate.example".parse().unwrap();
        })
        .await;
        assert!(matches!(
            node,
            Some(BuildError::Keys(KeysError::Sealed { .. }))
        ));
    });
}
