//! Measures whether the response time of a refused login reveals the reason.
//!
//! `cargo bench --bench timing` compares pairs of responses by the Mann-Whitney U test. p is the probability of such a
//! difference by chance. The effect is how often the second response takes longer than the first (0.5: equally often).
//! `PAIRS` is the number of pairs; default: 2,000. The app's clock stands still, so that a throttled user stays
//! throttled. The bench's own clock runs.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::DateTime;
use gatelodge::{
    app::{self, Listeners},
    auth::admin::{actor::Actor, find_users::UserKey},
    config::Config,
    domain::{clock::MockClock, entropy::OsEntropy, username::Username},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Runtime};
use tokio_util::sync::CancellationToken;

mod wire;

use wire::{Connection, login, register};

type Error = Box<dyn std::error::Error + Send + Sync>;

const WARM_UP: usize = 50;
const PASSWORD: &str = "correct horse";

/// Two requests and their expected codes.
struct Pair {
    name: &'static str,
    first: Vec<u8>,
    second: Vec<u8>,
    codes: [&'static str; 2],
}

/// Returns pairs without throttling. All names have the same length, so that only their accounts differ.
fn refused() -> Vec<Pair> {
    let pair = |name, first, second| Pair {
        name,
        first,
        second,
        codes: ["INVALID_CREDENTIALS"; 2],
    };
    let wrong = || login("known", "wrong password");
    vec![
        pair(
            "wrong password / the same again (the test itself)",
            wrong(),
            wrong(),
        ),
        pair(
            "wrong password / unknown user",
            wrong(),
            login("nobod", "wrong password"),
        ),
        pair(
            "wrong password / disabled user, right password",
            wrong(),
            login("disab", PASSWORD),
        ),
        pair(
            "wrong password / invalid name",
            wrong(),
            login("no od", "wrong password"),
        ),
        pair(
            "wrong password / too long, known user",
            wrong(),
            login("known", &"x".repeat(300)),
        ),
        Pair {
            name: "empty password, known / unknown user",
            first: login("known", ""),
            second: login("nobod", ""),
            codes: ["REQUIRED"; 2],
        },
    ]
}

fn throttled() -> Vec<Pair> {
    vec![Pair {
        name: "throttled, known / unknown user",
        first: login("known", "wrong password"),
        second: login("nobod", "wrong password"),
        codes: ["THROTTLED"; 2],
    }]
}

/// Starts a server with a user `known` and a disabled user `disab`.
fn serve(
    runtime: &Runtime,
    directory: &TempDir,
    change: impl Fn(&mut Config),
) -> Result<(SocketAddr, CancellationToken), Error> {
    let url = format!("sqlite://{}/g.db?mode=rwc", directory.path().display());
    let mut config = gatelodge::cli::parse(["gatelodge", "--database-url", &url].map(Into::into))?;
    config.throttle.account = 1_000_000;
    config.throttle.source.count = 1_000_000;
    config.throttle.logins.count = 1_000_000;
    change(&mut config);
    let stop = CancellationToken::new();
    let (address, auth) = runtime.block_on(async {
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default();
        let clock = Arc::new(MockClock::at(start));
        let app = app::build(config, clock, Arc::new(OsEntropy)).await?;
        let auth = Arc::clone(app.auth());
        let public = TcpListener::bind("127.0.0.1:0").await?;
        let address = public.local_addr()?;
        let listeners = Listeners {
            public,
            admin: None,
        };
        tokio::spawn(app.serve(listeners, stop.clone()));
        Ok::<_, Error>((address, auth))
    })?;
    let mut connection = Connection::open(address)?;
    connection.ask(&register("known", PASSWORD))?;
    connection.ask(&register("disab", PASSWORD))?;
    runtime.block_on(async {
        let name = UserKey::Name(Username::parse("disab")?);
        let found = auth.user(&Actor::OPERATOR, &name).await?;
        let disabled = auth.disable_user(&Actor::OPERATOR, found.map(|user| user.id));
        disabled.await.map_err(|error| format!("{error:?}"))?;
        Ok::<_, Error>(())
    })?;
    Ok((address, stop))
}

/// Measures both requests in turns. Each is first as often as second.
fn measure(address: SocketAddr, pair: &Pair, pairs: usize) -> Result<[Vec<f64>; 2], Error> {
    let mut connection = Connection::open(address)?;
    let mut time = |request: &[u8], code: &str| -> Result<Duration, Error> {
        let start = Instant::now();
        let answer = connection.ask(request)?;
        let time = start.elapsed();
        if answer.contains(code) {
            Ok(time)
        } else {
            Err(format!("{}: no {code} in {answer}", pair.name).into())
        }
    };
    let [first, second] = pair.codes;
    let mut times = [vec![], vec![]];
    for number in 0..pairs + WARM_UP {
        let (one, two) = if number % 2 == 0 {
            let one = time(&pair.first, first)?;
            (one, time(&pair.second, second)?)
        } else {
            let two = time(&pair.second, second)?;
            (time(&pair.first, first)?, two)
        };
        if number >= WARM_UP {
            times[0].push(one.as_secs_f64() * 1e6);
            times[1].push(two.as_secs_f64() * 1e6);
        }
    }
    Ok(times)
}

/// Returns p, and how often the second time is longer (Mann and Whitney 1947, by normal approximation).
#[expect(clippy::cast_precision_loss, reason = "counts of some thousands")]
fn mann_whitney([first, second]: &[Vec<f64>; 2]) -> (f64, f64) {
    let mut all: Vec<_> = first
        .iter()
        .map(|time| (*time, false))
        .chain(second.iter().map(|time| (*time, true)))
        .collect();
    all.sort_by(|one, two| one.0.total_cmp(&two.0));
    let (mut rank_sum, mut ties) = (0.0, 0.0);
    let mut at = 0;
    while at < all.len() {
        let alike = all[at..].iter().take_while(|(time, _)| *time <= all[at].0);
        let alike = alike.count();
        // Ranks start at one. Equal times share a rank.
        let rank = at as f64 + f64::midpoint(alike as f64, 1.0);
        let seconds = all[at..at + alike].iter().filter(|(_, second)| *second);
        rank_sum += rank * seconds.count() as f64;
        ties += (alike as f64).powi(3) - alike as f64;
        at += alike;
    }
    let (n1, n2) = (first.len() as f64, second.len() as f64);
    let u = rank_sum - n2 * (n2 + 1.0) / 2.0;
    let n = n1 + n2;
    let variance = n1 * n2 / 12.0 * (n + 1.0 - ties / (n * (n - 1.0)));
    let z = (u - n1 * n2 / 2.0) / variance.sqrt();
    (two_sided(z), u / (n1 * n2))
}

/// Returns the probability of a normal value at least as far from the mean (Abramowitz and Stegun, 7.1.26).
fn two_sided(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let terms = [
        1.061_405_429,
        -1.453_152_027,
        1.421_413_741,
        -0.284_496_736,
        0.254_829_592,
    ];
    terms.iter().fold(0.0, |sum, term| (sum + term) * t) * (-x * x).exp()
}

fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() -> Result<(), Error> {
    let pairs = std::env::var("PAIRS").map_or(Ok(2_000), |pairs| pairs.parse())?;
    let runtime = Runtime::new()?;
    eprintln!("      p  effect   difference      median");
    for (cost, cheap) in [("cheap hashes", true), ("hashes at their real cost", false)] {
        eprintln!("--- {cost}, {pairs} pairs");
        for (limit, list) in [(1_000_000, refused()), (1, throttled())] {
            let directory = tempfile::tempdir()?;
            let (address, stop) = serve(&runtime, &directory, |config| {
                config.throttle.account = limit;
                if cheap {
                    config.password.memory_kib = 8;
                    config.password.iterations = 1;
                }
            })?;
            if limit == 1 {
                // Uses up the one free failure.
                let mut connection = Connection::open(address)?;
                connection.ask(&login("known", "wrong password"))?;
                connection.ask(&login("nobod", "wrong password"))?;
            }
            for pair in list {
                let times = measure(address, &pair, pairs)?;
                let (p, effect) = mann_whitney(&times);
                let [first, second] = times.map(|times| median(&times));
                eprintln!(
                    "{p:7.4}  {effect:6.3} {:+9.1} µs {first:8.1} µs  {}",
                    second - first,
                    pair.name
                );
            }
            stop.cancel();
        }
    }
    Ok(())
}
