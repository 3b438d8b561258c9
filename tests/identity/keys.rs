//! Signing keys: one set for all nodes, and its rotation.

use chrono::TimeDelta;
use gatelodge::config::token::Algorithm;

use super::{age_keys, key_set, published, token};
use crate::harness::{TestApp, on_every_database, test, test_with};

const MINUTE: TimeDelta = TimeDelta::minutes(1);

#[test]
fn five_nodes_that_start_at_once_on_an_empty_database_share_one_key() {
    on_every_database(async |database| {
        let start = || TestApp::spawn(database.clone(), |_| {});
        let (one, two, three, four, five) =
            tokio::join!(start(), start(), start(), start(), start());
        assert_eq!(database.db_count("signing_keys").await, 1);
        for node in [&one, &two, &three, &four, &five] {
            assert_eq!(key_set(node), key_set(&one));
        }
        for node in [one, two, three, four, five] {
            node.stop().await;
        }
    });
}

#[test]
fn a_scheduled_key_is_published_for_twenty_minutes_before_it_signs() {
    test(async |app| {
        let browser = app.register("ada").await.browser;
        let other = Box::pin(app.another_node(|_| {})).await;
        let first = token(app, &browser).await.kid().to_owned();
        age_keys(&app.database, TimeDelta::days(30) - MINUTE * 21).await;
        app.issuer.keys().refresh().await.unwrap();
        assert_eq!(published(app), [first.clone()]);

        age_keys(&app.database, MINUTE).await;
        app.issuer.keys().refresh().await.unwrap();
        other.issuer.keys().refresh().await.unwrap();
        let both = published(app);
        assert_eq!(both.len(), 2);
        assert_eq!(published(&other), both);
        assert_eq!(token(app, &browser).await.kid(), first);

        age_keys(&app.database, MINUTE * 20).await;
        app.issuer.keys().refresh().await.unwrap();
        assert_eq!(token(app, &browser).await.kid(), both[1]);
        assert_eq!(published(app), both);

        // Two hours later nothing that the old key signed can be valid.
        age_keys(&app.database, MINUTE * 121).await;
        app.issuer.keys().refresh().await.unwrap();
        assert_eq!(published(app), both[1..]);
        other.stop().await;
    });
}

#[test]
fn a_node_signs_with_a_published_key_at_its_time_without_reading_the_database() {
    test(async |app| {
        let browser = app.register("ada").await.browser;
        let next = app.issuer.keys().rotate().await.unwrap();
        app.issuer.keys().refresh().await.unwrap();
        assert_ne!(token(app, &browser).await.kid(), next.kid);
        app.advance(MINUTE * 20);
        assert_eq!(token(app, &browser).await.kid(), next.kid);
    });
}

#[test]
fn a_second_rotation_returns_the_key_that_waits_already() {
    test(async |app| {
        let next = app.issuer.keys().rotate().await.unwrap();
        assert_eq!(app.issuer.keys().rotate().await.unwrap(), next);
        assert_eq!(app.database.db_count("signing_keys").await, 2);
    });
}

#[test]
fn an_emergency_rotation_withdraws_every_other_key_on_all_nodes() {
    test(async |app| {
        let browser = app.register("ada").await.browser;
        let other = Box::pin(app.another_node(|_| {})).await;
        let there = browser.at(other.public);
        let stolen = token(app, &browser).await.kid().to_owned();
        token(&other, &there).await;
        app.issuer.keys().rotate().await.unwrap();
        let new = app.issuer.keys().replace().await.unwrap().kid;
        assert_ne!(new, stolen);
        for (node, browser) in [(app, &browser), (&other, &there)] {
            node.issuer.keys().refresh().await.unwrap();
            assert_eq!(published(node), [new.clone()]);
            assert_eq!(token(node, browser).await.kid(), new);
        }
        other.stop().await;
    });
}

#[test]
fn nodes_read_the_keys_by_themselves() {
    test(async |app| {
        let new = app.issuer.keys().replace().await.unwrap().kid;
        crate::harness::eventually("the node has read the new key", async || {
            published(app) == [new.clone()]
        })
        .await;
    });
}

#[test]
fn several_emergency_rotations_at_once_leave_one_key() {
    test(async |app| {
        let keys = app.issuer.keys();
        let (a, b, c) = tokio::join!(keys.replace(), keys.replace(), keys.replace());
        let made = [a, b, c].map(|row| row.unwrap().kid);
        keys.refresh().await.unwrap();
        let published = published(app);
        assert_eq!(published.len(), 1);
        assert!(made.contains(&published[0]));
    });
}

#[test]
fn a_change_of_the_algorithm_makes_a_key_that_signs_at_once() {
    test_with(
        |config| config.token.token_algorithm = Algorithm::Es256,
        async |app| {
            let browser = app.register("ada").await.browser;
            let eddsa = |config: &mut gatelodge::config::Config| {
                config.token.token_algorithm = Algorithm::EdDsa;
            };
            let other = Box::pin(app.another_node(eddsa)).await;
            assert_eq!(
                token(&other, &browser.at(other.public)).await.header["alg"],
                "EdDSA"
            );
            // During the change both keys are published, and each node signs with its own.
            app.issuer.keys().refresh().await.unwrap();
            assert_eq!(token(app, &browser).await.header["alg"], "ES256");
            assert_eq!(key_set(app), key_set(&other));
            assert_eq!(key_set(app).len(), 2);
            other.stop().await;
        },
    );
}
