//! A real server on a free port, with a fresh database of its own and a clock that the test moves.

use std::{
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, TimeDelta};
use gatelodge::{
    app::{self, App, Listeners},
    auth::Auth,
    config::Config,
    domain::{
        clock::MockClock,
        entropy::{Entropy, OsEntropy},
    },
    identity::Issuer,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

mod browser;
mod database;
mod program;
mod proxy;
mod raw;
pub mod transfer;
mod users;

pub use browser::{Browser, Reply, assert_no_errors, codes};
pub use database::{TestDatabase, through_pgbouncer};
pub use program::{CommandOutput, Program, free_port, gatelodge};
pub use proxy::{Proxy, ProxyState};
pub use raw::raw;
pub use users::{change_user_document, retry_after};

/// Password of the users in tests.
pub const PASSWORD: &str = "correct horse";
/// Secret of the deployments in tests.
pub const SECRET: &str = "a secret of tests, 32 bytes long";

/// A running Gatelodge.
pub struct TestApp {
    pub public: SocketAddr,
    pub admin: SocketAddr,
    pub clock: Arc<MockClock>,
    pub auth: Arc<Auth>,
    pub issuer: Arc<Issuer>,
    pub database: TestDatabase,
    config: Config,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

/// Runs a test on SQLite, and on each of `TEST_DATABASE_URLS`.
pub fn test(body: impl AsyncFn(&TestApp)) {
    test_with(|_| {}, body);
}

/// Runs a test with other settings.
pub fn test_with(change: impl Fn(&mut Config), body: impl AsyncFn(&TestApp)) {
    on_every_database(async |database| {
        let app = Box::pin(TestApp::spawn(database, &change)).await;
        body(&app).await;
        app.stop().await;
    });
}

/// Runs a test with an empty database of each kind, and no app yet.
pub fn on_every_database(body: impl AsyncFn(TestDatabase)) {
    on(database::kinds(), body);
}

/// Runs a test on SQLite alone, because no other database could change its result.
pub fn on_sqlite(body: impl AsyncFn(TestDatabase)) {
    on(vec![database::Kind::Sqlite], body);
}

fn on(kinds: Vec<database::Kind>, body: impl AsyncFn(TestDatabase)) {
    for kind in kinds {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let database = runtime.block_on(TestDatabase::create(kind));
        let result = catch_unwind(AssertUnwindSafe(|| {
            runtime.block_on(body(database.clone()));
        }));
        runtime.block_on(database.drop_database());
        runtime.shutdown_timeout(Duration::from_secs(5));
        if let Err(panic) = result {
            eprintln!("on {}", database.name());
            resume_unwind(panic);
        }
    }
}

/// Returns the settings of tests: the defaults with cheap hashes.
pub fn config(database: &TestDatabase) -> Config {
    let mut arguments = vec!["gatelodge", "--database-url", &database.url];
    if let Some(direct) = &database.direct {
        arguments.extend(["--database-listen-url", direct]);
    }
    let mut config = gatelodge::cli::parse(arguments.into_iter().map(Into::into)).unwrap();
    config.password.memory_kib = 8;
    config.password.iterations = 1;
    config.database.connections = 8;
    config.server.shutdown_linger = Duration::ZERO;
    // The origin of a test's browser stays allowed with any public URL.
    config.browser.allowed_origins = Some(config.browser.allowed_origins());
    config.secret.secret = Some(SECRET.into());
    // High limits, so that only tests of throttling meet them. All browsers of a test have one address.
    config.throttle.account = 1_000_000;
    config.throttle.source.count = 1_000_000;
    config.throttle.register.count = 1_000_000;
    config.throttle.logins.count = 1_000_000;
    config
}

impl TestApp {
    /// Starts an app on a database.
    pub async fn spawn(database: TestDatabase, change: impl Fn(&mut Config)) -> Self {
        Self::spawn_with_entropy(database, change, Arc::new(OsEntropy)).await
    }

    /// Starts an app with the test's source of randomness.
    pub async fn spawn_with_entropy(
        database: TestDatabase,
        change: impl Fn(&mut Config),
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let mut config = config(&database);
        change(&mut config);
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let clock = Arc::new(MockClock::at(start));
        Box::pin(Self::start(database, config, clock, entropy)).await
    }

    /// Starts another node on the same database, with the same clock.
    pub async fn another_node(&self, change: impl Fn(&mut Config)) -> Self {
        let mut config = self.config.clone();
        change(&mut config);
        Box::pin(Self::start(
            self.database.clone(),
            config,
            Arc::clone(&self.clock),
            Arc::new(OsEntropy),
        ))
        .await
    }

    async fn start(
        database: TestDatabase,
        config: Config,
        clock: Arc<MockClock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let app: App = Box::pin(app::build(config.clone(), clock.clone(), entropy))
            .await
            .unwrap();
        let public = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let admin = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (public_address, admin_address) =
            (public.local_addr().unwrap(), admin.local_addr().unwrap());
        let stop = CancellationToken::new();
        let auth = Arc::clone(app.auth());
        let issuer = Arc::clone(app.issuer());
        let listeners = Listeners {
            public,
            admin: Some(admin),
        };
        Self {
            public: public_address,
            admin: admin_address,
            clock,
            auth,
            issuer,
            database,
            config,
            server: tokio::spawn(app.serve(listeners, stop.clone())),
            stop,
        }
    }

    /// Returns a new browser without cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(self.public, &self.config)
    }

    /// Returns browsers that are connected already, so that their next requests arrive at the same time.
    pub async fn browsers(&self, count: usize) -> Vec<Browser> {
        let browsers: Vec<_> = (0..count).map(|_| self.browser()).collect();
        for browser in &browsers {
            browser.me().await;
        }
        browsers
    }

    /// Returns the metrics as Prometheus reads them.
    pub async fn metrics(&self) -> String {
        self.browser().at(self.admin).get("/metrics").await.text
    }

    /// Moves the clock.
    pub fn advance(&self, step: TimeDelta) {
        self.clock.advance(step);
    }

    /// Waits for the work that continues after an answer, for example recording the last use of a session.
    pub async fn finish_background_work(&self) {
        self.auth.background().close();
        self.auth.background().wait().await;
        self.auth.background().reopen();
    }

    /// Asks the app to stop, without waiting.
    pub fn request_stop(&self) {
        self.stop.cancel();
    }

    /// Stops the app, and waits until it has stopped.
    pub async fn stop(self) {
        self.stop.cancel();
        self.server.await.unwrap();
    }
}

/// Waits until a condition holds, half a minute at most: a busy machine may stall a database for seconds.
pub async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    for _ in 0..3_000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never happened: {what}");
}
