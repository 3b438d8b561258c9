//! The limit of security events per user: a flood of one kind replaces the oldest of that kind, and nothing else.

use chrono::TimeDelta;
use gatelodge::domain::{
    client::Client,
    clock::Clock,
    entropy::OsEntropy,
    id::{UserId, new_id},
    security_event::{EventKind, MAX_EVENTS, SecurityEvent},
};

use crate::harness::{PASSWORD, TestApp, test};

pub async fn id_of(app: &TestApp, name: &str) -> UserId {
    let sql = format!("SELECT id FROM users WHERE username = '{name}'");
    app.database.db_column::<uuid::Uuid>(&sql).await[0].into()
}

/// Records `count` refused logins, one a second from the clock's time on.
pub async fn flood(app: &TestApp, owner: UserId, count: u64) {
    let mut events = vec![];
    for _ in 0..count {
        app.advance(TimeDelta::seconds(1));
        let now = app.clock.now();
        let event = SecurityEvent {
            id: new_id(now, &OsEntropy).unwrap(),
            kind: EventKind::LoginRefused,
            created_at: now,
            client: Client::default(),
            actor: None,
        };
        events.push((owner, event));
    }
    for few in events.chunks(500) {
        let store = app.auth.store().security_events_mut();
        store.insert_all(few).await.unwrap();
    }
}

async fn count(app: &TestApp, owner: UserId, kind: &str) -> i64 {
    let events = app.auth.store().security_events();
    let kinds = events.count_kinds(owner).await.unwrap();
    let count = kinds
        .iter()
        .filter(|one| kind.is_empty() || one.kind == kind);
    i64::try_from(count.map(|one| one.count).sum::<u64>()).unwrap()
}

#[test]
fn a_user_has_a_thousand_events_and_the_oldest_of_the_most_frequent_kind_goes() {
    test(async |app| {
        app.register("ada").await;
        app.register("bob").await;
        let (ada, bob) = (id_of(app, "ada").await, id_of(app, "bob").await);
        flood(app, bob, 1_200).await;
        flood(app, ada, MAX_EVENTS - 1).await;
        let oldest = async || {
            let events = app.auth.store().security_events();
            events.oldest(ada, "login_refused", 2).await.unwrap()
        };
        let before = oldest().await;
        // After a refusal, once its answer is sent.
        app.browser().login("ada", "a wrong guess").await;
        app.finish_background_work().await;
        assert_eq!(count(app, ada, "").await, 1_000);
        assert_eq!(oldest().await[0], before[1], "the oldest refusal went");
        // With an action of the user, in the same transaction.
        let session = app.log_in("ada").await;
        assert_eq!(count(app, ada, "").await, 1_000);
        assert_eq!(count(app, ada, "logged_in").await, 1);
        session.logout().await;
        assert_eq!(count(app, ada, "").await, 1_000);
        assert_eq!(count(app, ada, "registered").await, 1);
        assert_eq!(count(app, ada, "login_refused").await, 997);
        // A user with more than the limit loses a few hundred at a time, and no other user's events are removed.
        assert_eq!(count(app, bob, "").await, 1_201);
        app.browser().login("bob", PASSWORD).await;
        assert_eq!(count(app, bob, "").await, 1_000);
        assert_eq!(count(app, bob, "registered").await, 1);
    });
}

#[test]
fn concurrent_events_leave_a_thousand() {
    test(async |app| {
        app.register("ada").await;
        let ada = id_of(app, "ada").await;
        flood(app, ada, MAX_EVENTS - 3).await;
        let mut all = tokio::task::JoinSet::new();
        for (number, browser) in app.browsers(8).await.into_iter().enumerate() {
            all.spawn(async move {
                if number % 2 == 0 {
                    browser.login("ada", "a wrong guess").await;
                } else {
                    browser.login("ada", PASSWORD).await;
                    browser.logout().await;
                }
            });
        }
        all.join_all().await;
        app.finish_background_work().await;
        assert_eq!(count(app, ada, "").await, 1_000);
        assert_eq!(count(app, ada, "registered").await, 1);
        assert_eq!(count(app, ada, "logged_out").await, 4);
    });
}
