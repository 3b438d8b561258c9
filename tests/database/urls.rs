//! Forms of `DATABASE_URL`: several hosts, IPv6 addresses, sockets; and the errors of a wrong URL.

use std::sync::Arc;

use gatelodge::{
    app,
    domain::{clock::SystemClock, entropy::OsEntropy},
};
use reqwest::StatusCode;
use url::Url;

use crate::harness::{
    PASSWORD, Proxy, ProxyState, TestApp, TestDatabase, config, eventually, free_port,
    on_every_database, through_pgbouncer,
};

/// Returns the database's URL with other hosts, given as `host:port`.
fn with_hosts(database: &TestDatabase, hosts: &str) -> TestDatabase {
    let url = Url::parse(&database.url).unwrap();
    let (user, password) = (url.username(), url.password().unwrap());
    let query = url.query().map(|query| format!("?{query}"));
    database.with_url(format!(
        "{}://{user}:{password}@{hosts}{}{}",
        url.scheme(),
        url.path(),
        query.unwrap_or_default()
    ))
}

async fn start_error(database: &TestDatabase) -> String {
    let built = app::build(config(database), Arc::new(SystemClock), Arc::new(OsEntropy));
    let error = Box::pin(built).await.err().unwrap();
    error.to_string()
}

/// Asserts that a node on this database works.
async fn assert_node_works(database: TestDatabase) {
    let app = TestApp::spawn(database, |_| {}).await;
    let browser = app.register("ada").await;
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

#[test]
fn a_closed_port_at_start_is_reported_with_its_address_and_the_cause() {
    on_every_database(async |database| {
        if database.is_sqlite() {
            return;
        }
        let address = format!("127.0.0.1:{}", free_port());
        let why = start_error(&with_hosts(&database, &address)).await;
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
        assert_node_works(with_hosts(&database, &format!("[::1]:{}", proxy.port))).await;
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
        assert_node_works(database.with_url(url)).await;
    });
}

#[test]
fn the_first_host_that_answers_is_used_and_the_next_one_when_it_fails() {
    on_postgres(async |database| {
        let server = database.server().unwrap();
        let (first, second) = (
            Proxy::to(server.clone()).await,
            Proxy::to(server.clone()).await,
        );
        let closed = free_port();
        let hosts = format!(
            "127.0.0.1:{closed},127.0.0.1:{},127.0.0.1:{}",
            first.port, second.port
        );
        let app = TestApp::spawn(with_hosts(&database, &hosts), |_| {}).await;
        app.register("ada").await;
        for (gone, other) in [(&first, &second), (&second, &first)] {
            other.set(ProxyState::Open);
            gone.set(ProxyState::Cut);
            eventually("the other host is used", async || {
                app.browser().login_reply("ada", PASSWORD).await.status == StatusCode::OK
            })
            .await;
        }
        app.stop().await;
    });
}

#[test]
fn a_read_only_host_is_skipped() {
    on_postgres(async |database| {
        let direct = database.direct.as_ref().unwrap_or(&database.url);
        let Some(read_only) = through_pgbouncer(direct, "TEST_READ_ONLY_PGBOUNCER_PORT") else {
            return;
        };
        let port = Url::parse(&read_only).unwrap().port().unwrap();
        let database = database.with_url(read_only);
        let hosts = format!("127.0.0.1:{port},{}", database.server().unwrap());
        assert_node_works(with_hosts(&database, &hosts)).await;
    });
}

#[test]
fn a_postgres_database_without_utf_8_is_refused_at_start_with_a_fix() {
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
        let why = start_error(&database.with_url(url)).await;
        database
            .db_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
            .await;
        assert!(
            why.contains("LATIN1") && why.contains("ENCODING 'UTF8'"),
            "{why}"
        );
    });
}
