//! Measures how long a session outlives its revocation on another node.
//!
//! `scripts/databases.sh run -- cargo bench --bench revocation` starts two nodes on PostgreSQL. It ends sessions on one
//! node, asks forward-auth of the other without a pause, and prints how long it takes until the other node refuses.

use std::{
    error::Error,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use gatelodge::{
    app::{self, Listeners},
    config::Config,
    domain::{clock::SystemClock, entropy::OsEntropy},
};
use reqwest::{Client, StatusCode, header::COOKIE};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

const MAX_ATTEMPTS: usize = 1_000;
const PASSWORD: &str = "correct horse";

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A running node.
struct Node {
    url: String,
    client: Client,
    server: JoinHandle<()>,
}

impl Node {
    async fn start(config: &Config, stop: &CancellationToken) -> Result<Self> {
        let app = app::build(config.clone(), Arc::new(SystemClock), Arc::new(OsEntropy)).await?;
        let public = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let url = format!("http://{}", public.local_addr()?);
        let listeners = Listeners {
            public,
            admin: None,
        };
        Ok(Self {
            url,
            client: Client::builder().no_proxy().build()?,
            server: tokio::spawn(app.serve(listeners, stop.clone())),
        })
    }

    /// Runs an operation with a cookie. Returns its data, and the cookie that the response sets.
    async fn run(&self, query: &str, cookie: &str) -> Result<(Value, Option<String>)> {
        let request = self.client.post(format!("{}/graphql", self.url));
        let request = request.header(COOKIE, cookie);
        let body = json!({ "query": query }).to_string();
        let request = request.header("content-type", "application/json");
        let response = request.body(body).send().await?;
        let set = response.headers().get_all("set-cookie").iter();
        let cookies =
            set.filter_map(|cookie| Some(cookie.to_str().ok()?.split_once(';')?.0.to_owned()));
        let session = cookies
            .into_iter()
            .find(|cookie| cookie.starts_with("gatelodge="));
        let answer: Value = serde_json::from_str(&response.text().await?)?;
        if answer["data"].is_null() {
            return Err(answer.to_string().into());
        }
        Ok((answer["data"].clone(), session))
    }

    async fn is_signed_in(&self, cookie: &str) -> Result<bool> {
        let request = self.client.get(format!("{}/forward-auth", self.url));
        let response = request.header(COOKIE, cookie).send().await?;
        match response.status() {
            StatusCode::OK => Ok(true),
            StatusCode::UNAUTHORIZED => Ok(false),
            status => Err(format!("forward-auth answered {status}").into()),
        }
    }
}

fn config() -> Result<Config> {
    let servers = std::env::var("TEST_DATABASE_URLS").unwrap_or_default();
    let url = servers.split(',').find(|url| url.starts_with("postgres"));
    let url = url.ok_or(
        "TEST_DATABASE_URLS contains no PostgreSQL. Run this bench with scripts/databases.sh",
    )?;
    let arguments = ["gatelodge", "--database-url", url, "--session-max", "10000"];
    let mut config = gatelodge::cli::parse(arguments.map(Into::into))?;
    config.password.memory_kib = 8;
    config.password.iterations = 1;
    config.throttle.account = 1_000_000;
    config.throttle.logins.count = 1_000_000;
    Ok(config)
}

/// Measures the time until the other node refuses, from sending a revocation and from its response.
async fn round(here: &Node, there: &Arc<Node>) -> Result<(Duration, Duration)> {
    let login = format!(
        "mutation {{ login(input: {{ username: \"ada\", password: \"{PASSWORD}\" }}) {{ user {{ id }} }} }}"
    );
    let (_, cookie) = here.run(&login, "").await?;
    let cookie = cookie.ok_or("no session")?;
    while !there.is_signed_in(&cookie).await? {}

    let (node, copied) = (Arc::clone(there), cookie.clone());
    let poll = tokio::spawn(async move {
        while node
            .is_signed_in(&copied)
            .await
            .map_err(|error| error.to_string())?
        {}
        Ok::<_, String>(Instant::now())
    });
    // Waits until the polling has started.
    tokio::time::sleep(Duration::from_millis(2)).await;
    let sent = Instant::now();
    here.run("mutation { logout { loggedOut } }", &cookie)
        .await?;
    let answered = Instant::now();
    let refused = poll.await??;
    Ok((
        refused.saturating_duration_since(sent),
        refused.saturating_duration_since(answered),
    ))
}

fn print(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() - 1) * part / 100].as_secs_f64() * 1000.0;
    eprintln!(
        "{what}: median {:.2} ms, 99% {:.2} ms, worst {:.2} ms of {}",
        at(50),
        at(99),
        at(100),
        times.len()
    );
}

#[tokio::main]
async fn main() -> Result<()> {
    let config = config()?;
    let stop = CancellationToken::new();
    let here = Node::start(&config, &stop).await?;
    let there = Arc::new(Node::start(&config, &stop).await?);
    let register = format!(
        "mutation {{ register(input: {{ username: \"ada\", password: \"{PASSWORD}\", confirmPassword: \"{PASSWORD}\" }}) {{
            userErrors {{ code }} }} }}"
    );
    here.run(&register, "").await?;
    // After this time, both nodes have received their first heartbeats and use their caches.
    tokio::time::sleep(Duration::from_secs(1)).await;

    let (mut from_sending, mut from_answer) = (vec![], vec![]);
    for _ in 0..MAX_ATTEMPTS {
        let (sent, answered) = round(&here, &there).await?;
        from_sending.push(sent);
        from_answer.push(answered);
    }
    print(
        "from the revocation's sending to the other node's refusal",
        from_sending,
    );
    print("from its answer", from_answer);

    stop.cancel();
    here.server.await?;
    if let Ok(there) = Arc::try_unwrap(there) {
        there.server.await?;
    }
    Ok(())
}
