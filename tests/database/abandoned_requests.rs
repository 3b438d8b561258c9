//! Clients that disconnect during a request: its transaction ends, and nothing that was acknowledged is lost.

use std::{
    future::poll_fn,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    task::Poll,
};

use gatelodge::{
    auth::{
        Auth, Error, SignIn,
        account::{change_password::ChangePasswordForm, register::RegisterForm},
        caller::Caller,
        signin::login::LoginForm,
    },
    domain::{id::UserId, token::SessionTokenHash},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement, TransactionTrait};
use uuid::Uuid;

use crate::harness::{PASSWORD, TestApp, eventually, test_with};

const OTHER: &str = "battery staple";
/// More polls than any of the operations needs.
const MAX_POLLS: usize = 1000;

/// Polls a future up to `polls` times, then drops it. Returns `None` if it did not complete.
async fn poll_times<T>(times: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = Box::pin(future);
    let mut polls = 0;
    poll_fn(|context| {
        polls += 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if polls >= times => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

fn caller(session: Option<&SessionTokenHash>) -> Caller<'_> {
    Caller {
        session,
        device: None,
        source: IpAddr::V4(Ipv4Addr::LOCALHOST),
        user_agent: None,
    }
}

fn token<R: std::fmt::Debug>(result: Result<Box<SignIn>, Error<R>>) -> SessionTokenHash {
    result.unwrap().token.hash()
}

async fn register(auth: &Arc<Auth>, name: &str) -> SessionTokenHash {
    let form = RegisterForm {
        username: name.to_owned(),
        password: PASSWORD.into(),
        confirm_password: PASSWORD.into(),
        remember_me: false,
    };
    token(auth.register(form, &caller(None)).await)
}

async fn login(auth: &Arc<Auth>, name: &str, password: &str) -> SessionTokenHash {
    let form = LoginForm {
        username: name.to_owned(),
        password: password.into(),
        remember_me: false,
    };
    token(auth.login(form, &caller(None)).await)
}

async fn change_password(auth: &Arc<Auth>, session: &SessionTokenHash) -> SessionTokenHash {
    let form = ChangePasswordForm {
        current_password: PASSWORD.into(),
        new_password: OTHER.into(),
        confirm_password: OTHER.into(),
    };
    let signed_in = auth.authenticate(session).await.unwrap().unwrap();
    let caller = caller(Some(session));
    token(auth.change_password(&signed_in, form, &caller).await)
}

/// Returns whether a user has this password.
async fn has_password(auth: &Arc<Auth>, name: &str, password: &str) -> bool {
    let form = LoginForm {
        username: name.to_owned(),
        password: password.into(),
        remember_me: false,
    };
    match auth.login(form, &caller(None)).await {
        Ok(_) => true,
        Err(Error::Refused(_)) => false,
        Err(Error::Failed(failure)) => panic!("{failure}"),
    }
}

/// Observes the database from outside of the app.
struct Monitor<'a> {
    app: &'a TestApp,
    connection: DatabaseConnection,
}

impl<'a> Monitor<'a> {
    async fn of(app: &'a TestApp) -> Self {
        let connection = app.database.connect().await;
        Self { app, connection }
    }

    /// Uses both connections of the pool. If one is in a transaction, the database shows that from now on.
    async fn use_connections(&self) {
        let nobody = UserId::from_uuid(Uuid::nil());
        let store = self.app.auth.store();
        let (users, others) = (store.users(), store.users());
        let both = tokio::join!(users.find(nobody), others.find(nobody));
        assert!(both.0.unwrap().is_none() && both.1.unwrap().is_none());
    }

    /// Returns how many transactions the other connections of this database have open.
    async fn transactions(&self) -> usize {
        match self.app.database.name() {
            "sqlite" => {
                // Fails if another connection holds the write lock.
                for sql in ["BEGIN IMMEDIATE", "ROLLBACK"] {
                    self.connection.execute_unprepared(sql).await.unwrap();
                }
                0
            }
            "mysql" => self.mariadb_transactions().await,
            _ => {
                let count = "SELECT pid FROM pg_stat_activity
                             WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
                self.rows(count).await.len()
            }
        }
    }

    /// Counts from `SHOW ENGINE INNODB STATUS`. `information_schema.innodb_trx` is no use: it is a copy that MariaDB
    /// renews only when nobody has read it for 0.1 s, so a test that polls it sees the past.
    async fn mariadb_transactions(&self) -> usize {
        let status = &self.rows("SHOW ENGINE INNODB STATUS").await[0];
        let status: String = status.try_get_by_index(2).unwrap();
        let threads = self
            .rows(
                "SELECT CAST(id AS CHAR) FROM information_schema.processlist
                 WHERE db = DATABASE() AND id <> CONNECTION_ID()",
            )
            .await;
        let threads: Vec<String> = threads
            .iter()
            .map(|row| row.try_get_by_index(0).unwrap())
            .collect();
        status
            .split("---TRANSACTION ")
            .skip(1)
            .filter(|transaction| {
                let thread = transaction
                    .split_once(" thread id ")
                    .and_then(|(_, rest)| rest.split(',').next());
                !transaction.contains(", not started")
                    && thread.is_some_and(|thread| threads.iter().any(|id| id == thread))
            })
            .count()
    }

    async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let backend = self.connection.get_database_backend();
        let statement = Statement::from_string(backend, sql);
        self.connection.query_all_raw(statement).await.unwrap()
    }

    /// Asserts that all transactions end.
    async fn assert_none_stays_open(&self, polls: usize) {
        self.use_connections().await;
        eventually(
            &format!("all transactions end after poll {polls}"),
            async || self.transactions().await == 0,
        )
        .await;
    }
}

#[test]
fn the_monitor_of_these_tests_sees_an_open_transaction_and_its_end() {
    test_with(
        |_| {},
        async |app| {
            if app.database.name() == "sqlite" {
                return;
            }
            let monitor = Monitor::of(app).await;
            let other = app.database.connect().await;
            for _ in 0..3 {
                assert_eq!(monitor.transactions().await, 0);
                let transaction = other.begin().await.unwrap();
                // MariaDB begins a transaction with its first statement.
                transaction
                    .execute_unprepared("SELECT COUNT(*) FROM users")
                    .await
                    .unwrap();
                assert_eq!(monitor.transactions().await, 1);
                transaction.rollback().await.unwrap();
            }
        },
    );
}

/// Runs an operation and drops it after one poll, then after two, and so on until it completes. `of` gets a username,
/// makes the preparations, and returns the operation. `check` runs when the operation was acknowledged.
fn for_every_poll<I: Clone, T>(
    before: impl AsyncFn(&Arc<Auth>, &str) -> I,
    operation: impl AsyncFn(&Arc<Auth>, &str, I) -> T,
    acknowledged: impl AsyncFn(&TestApp, &str, I, T),
) {
    let two_connections = |config: &mut gatelodge::config::Config| {
        config.database.connections = 2;
        config.session.cache = 0;
    };
    test_with(two_connections, async |app| {
        let monitor = Monitor::of(app).await;
        for polls in 1..MAX_POLLS {
            let name = format!("ada{polls}");
            let input = before(&app.auth, &name).await;
            let ended = poll_times(polls, operation(&app.auth, &name, input.clone())).await;
            monitor.assert_none_stays_open(polls).await;
            if let Some(answer) = ended {
                // How many polls it takes depends on how fast the database answers.
                assert!(polls > 1, "it was never abandoned");
                acknowledged(app, &name, input, answer).await;
                // The pool serves the other clients.
                register(&app.auth, "grace").await;
                monitor.connection.close().await.unwrap();
                return;
            }
        }
        panic!("it did not complete");
    });
}

#[test]
fn a_registration_that_is_abandoned_at_any_point_leaves_no_transaction_and_no_half_user() {
    for_every_poll(
        async |_, _| (),
        async |auth, name, ()| register(auth, name).await,
        async |app, name, (), session| {
            let signed_in = app.auth.authenticate(&session).await.unwrap().unwrap();
            assert_eq!(signed_in.user.username.as_typed(), name);
            // Each user has a session: either both were written, or neither.
            let orphans = "SELECT username FROM users
                           WHERE id NOT IN (SELECT user_id FROM sessions)";
            assert!(app.database.db_column::<String>(orphans).await.is_empty());
        },
    );
}

#[test]
fn a_login_that_is_abandoned_at_any_point_leaves_no_transaction() {
    for_every_poll(
        async |auth, name| {
            register(auth, name).await;
        },
        async |auth, name, ()| login(auth, name, PASSWORD).await,
        async |app, name, (), session| {
            let signed_in = app.auth.authenticate(&session).await.unwrap().unwrap();
            assert_eq!(signed_in.user.username.as_typed(), name);
        },
    );
}

#[test]
fn a_logout_that_is_abandoned_at_any_point_leaves_no_transaction() {
    for_every_poll(
        register,
        async |auth, _, session| auth.logout(&caller(Some(&session))).await.unwrap(),
        async |app, _, session, ended| {
            assert!(ended);
            assert!(app.auth.authenticate(&session).await.unwrap().is_none());
        },
    );
}

#[test]
fn a_password_change_that_is_abandoned_at_any_point_leaves_no_transaction() {
    for_every_poll(
        register,
        async |auth, _, session| change_password(auth, &session).await,
        async |app, name, session, renewed| {
            assert!(app.auth.authenticate(&session).await.unwrap().is_none());
            assert!(app.auth.authenticate(&renewed).await.unwrap().is_some());
            assert!(has_password(&app.auth, name, OTHER).await);
            assert!(!has_password(&app.auth, name, PASSWORD).await);
        },
    );
}

#[test]
fn a_wrong_login_that_is_abandoned_at_any_point_is_counted_and_recorded_or_neither() {
    test_with(
        |_| {},
        async |app| {
            register(&app.auth, "ada").await;
            let counted = async || {
                let taken = app.database.db_column::<i32>("SELECT taken FROM throttles");
                taken.await.iter().sum::<i32>()
            };
            app.finish_background_work().await;
            let before = counted().await;
            for polls in 1..MAX_POLLS {
                let form = LoginForm {
                    username: "ada".to_owned(),
                    password: OTHER.into(),
                    remember_me: false,
                };
                let ended = poll_times(polls, app.auth.login(form, &caller(None))).await;
                app.finish_background_work().await;
                let noted = "SELECT kind FROM security_events WHERE kind = 'login_refused'";
                let noted = app.database.db_column::<String>(noted).await.len();
                let counted = usize::try_from(counted().await - before).unwrap();
                assert_eq!(counted, noted, "after {polls} polls");
                if ended.is_some() {
                    assert!(polls > 3 && noted > 0, "it was never abandoned");
                    return;
                }
            }
            panic!("it did not complete");
        },
    );
}
