//! What `DATABASE_URL` may be: several hosts, IPv6 addresses, sockets; and what is said when it leads nowhere.

use std::sync::Arc;

use gatelodge::{
    app,
    domain::{clock::SystemClock, entropy::OsEntropy},
};
use reqwest::StatusCode;
use tokio::net::TcpListener;
use url::Url;

use crate::harness::{
    Door, Proxy, TestApp, TestDatabase, config, eventually, on_every_database, through_pgbouncer,
};

const PASSWORD: &str = "correct horse";

/// The database's URL with other hosts, as `host:port`.
fn with_hosts(database: &TestDatabase, hosts: &str) -> TestDatabase {
    let url = Url::parse(&database.url).unwrap();
    let (user, password) = (url.username(), url.password().unwrap());
    let query = url.query().map(|query| format!("?{query}"));
    database.by_url(format!(
        "{}://{user}:{password}@{hosts}{}{}",
        url.scheme(),
        url.path(),
        query.unwrap_or_default()
    ))
}

async fn why_it_does_not_start(database: &TestDatabase) -> String {
    let built = app::build(config(database), Arc::new(SystemClock), Arc::new(OsEntropy));
    let error = Box::pin(built).await.err().unwrap();
    error.to_string()
}

/// Asserts that a node on this database works.
async fn works(database: TestDatabase) {
    let app = TestApp::spawn(database, |_| {}).await;
    let browser = app.browser();
    browser.registered("ada", PASSWORD).await;
    assert_eq!(browser.me().await.as_deref(), Some("ada"));
    app.stop().await;
}

fn on_postgres(body: impl AsyncFn(TestDatabase)) {
    on_every_database(async |database| {
        if database.name().starts_with("postgres") {
            body(database).await;
        }
    });
}

/// A port that refuses connections.
async fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn a_closed_port_at_start_is_said_with_its_address_and_the_cause() {
    on_every_database(async |database| {
        if database.is_sqlite() {
            return;
        }
        let address = format!("127.0.0.1:{}", closed_port().await);
        let why = why_it_does_not_start(&with_hosts(&database, &address)).await;
        assert!(why.contains(&address), "{why}");
        assert!(why.contains("refused"), "{why}");
    });
}

#[test]
fn an_ipv6_address_in_brackets_works() {
    on_every_database(async |database| {
        let Some(server) = database.server() else {
            return;
        };
        let proxy = Proxy::between("[::1]:0", server).await;
        works(with_hosts(&database, &format!("[::1]:{}", proxy.port))).await;
    });
}

#[test]
fn a_socket_in_the_host_parameter_works() {
    on_postgres(async |database| {
        let folder: Vec<String> = database
            .db_column("SELECT current_setting('unix_socket_directories')")
            .await;
        let port: Vec<String> = database.db_column("SELECT current_setting('port')").await;
        let url = with_hosts(&database, "").url;
        let separator = if url.contains('?') { '&' } else { '?' };
        let url = format!("{url}{separator}host={}&port={}", folder[0], port[0]);
        works(database.by_url(url)).await;
    });
}

#[test]
fn of_several_hosts_the_first_that_answers_is_used_and_another_when_it_is_gone() {
    on_postgres(async |database| {
        let server = database.server().unwrap();
        let (first, second) = (
            Proxy::to(server.clone()).await,
            Proxy::to(server.clone()).await,
        );
        let closed = closed_port().await;
        let hosts = format!(
            "127.0.0.1:{closed},127.0.0.1:{},127.0.0.1:{}",
            first.port, second.port
        );
        let app = TestApp::spawn(with_hosts(&database, &hosts), |_| {}).await;
        app.browser().registered("ada", PASSWORD).await;
        for (gone, other) in [(&first, &second), (&second, &first)] {
            other.set(Door::Open);
            gone.set(Door::Shut);
            eventually("the other host is used", async || {
                app.browser().login_reply("ada", PASSWORD).await.status == StatusCode::OK
            })
            .await;
        }
        app.stop().await;
    });
}

#[test]
fn a_host_that_is_read_only_is_passed_over() {
    on_postgres(async |database| {
        let direct = database.direct.as_ref().unwrap_or(&database.url);
        let Some(read_only) = through_pgbouncer(direct, "TEST_READ_ONLY_PGBOUNCER_PORT") else {
            return;
        };
        let port = Url::parse(&read_only).unwrap().port().unwrap();
        let database = database.by_url(read_only);
        let hosts = format!("127.0.0.1:{port},{}", database.server().unwrap());
        works(with_hosts(&database, &hosts)).await;
    });
}

#[test]
fn a_postgres_database_that_is_not_utf_8_is_refused_at_start_with_what_to_do() {
    on_postgres(async |database| {
        let name = format!(
            "latin_{}",
            database.db_column::<i32>("SELECT pg_backend_pid()").await[0]
        );
        database
            .db_execute(&format!(
                "CREATE DATABASE {name} ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
            ))
            .await;
        let mut url = Url::parse(&database.url).unwrap();
        url.set_path(&name);
        let why = why_it_does_not_start(&database.by_url(url)).await;
        database
            .db_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
            .await;
        assert!(
            why.contains("LATIN1") && why.contains("ENCODING 'UTF8'"),
            "{why}"
        );
    });
}
