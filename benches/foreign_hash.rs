//! Measures how long the check of each kind of imported hash takes, with its system's default cost:
//! `cargo bench --bench foreign_hash`.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and stops at the first error"
)]

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use gatelodge::auth::password::foreign::ForeignHash;
use serde_json::Value;

/// Number of checks of each hash. The median is printed.
const RUNS: usize = 5;
/// Firebase's own example, in addition to the fixtures.
const FIREBASE: &str = "$firescrypt$ln=14,r=8,p=1$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==$Bw==$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/moving-in");
    let dump: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("django.json")).unwrap()).unwrap();
    let mut hashes: Vec<String> = dump
        .as_array()
        .unwrap()
        .iter()
        .map(|element| element["fields"]["password"].as_str().unwrap().to_owned())
        .collect();
    for file in ["node.jsonl", "php.jsonl"] {
        let lines = fs::read_to_string(folder.join(file)).unwrap();
        let rows = lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        hashes.extend(rows.map(|row| row["password_hash"].as_str().unwrap().to_owned()));
    }
    hashes.push(FIREBASE.to_owned());

    let mut seen = vec![];
    for text in &hashes {
        let Ok(hash) = ForeignHash::parse(text) else {
            continue;
        };
        let name: String = text.chars().take(24).collect();
        let kind = (hash.weight().kind, hash.weight().cost, name[..6].to_owned());
        if seen.contains(&kind) {
            continue;
        }
        seen.push(kind);
        let mut times: Vec<Duration> = (0..RUNS)
            .map(|_| {
                let start = Instant::now();
                assert!(!hash.matches("nobody's").unwrap());
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        println!(
            "{name:<24} {:>8.1} ms",
            times[RUNS / 2].as_secs_f64() * 1000.0
        );
    }
}
