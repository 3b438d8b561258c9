//! The log lines about refused logins name the account and the reason, and never the input.

use serde_json::{Value, json};

use crate::harness::{PASSWORD, Program, SECRET, gatelodge};

const LOGIN: &str = "mutation($u: String!, $p: String!) { login(input: { username: $u, password: $p }) { userErrors { code } } }";
const REGISTER: &str = "mutation { register(input: { username: \"ada\", password: \"correct horse\", confirmPassword: \"correct horse\" }) { user { id } } }";

async fn login(program: &Program, username: &str, password: &str) {
    let variables = json!({ "u": username, "p": password });
    program.ask(None, LOGIN, variables).await;
}

/// Returns the lines with a message, in order.
fn lines(log: &str, message: &str) -> Vec<Value> {
    let lines = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["message"] == message).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_is_logged_with_its_reason_and_the_user_or_a_hash_of_the_name() {
    let program = Program::start(&[
        ("GATELODGE_SECRET", SECRET),
        ("GATELODGE_THROTTLE_ACCOUNT", "3"),
    ]);
    let (_, ada) = program.ask(None, REGISTER, json!({})).await;
    let id = ada["data"]["register"]["user"]["id"].clone();
    assert!(id.is_string(), "{ada}");
    login(&program, "Ada", "hunter2 house").await;
    for name in ["hunter2", "HUNTER2", "hunter2 is my password"] {
        login(&program, name, "hunter2").await;
    }
    let disabled = gatelodge(&program.directory)
        .env("GATELODGE_SECRET", SECRET)
        .args(["user", "disable", "ada"])
        .status();
    assert!(disabled.unwrap().success());
    login(&program, "ada", PASSWORD).await;
    for _ in 0..2 {
        login(&program, "ada", "hunter2 house").await;
    }
    login(&program, "hunter2", "hunter2").await;
    login(&program, "hunter2", "hunter2").await;
    let (_, log) = program.stop();
    assert!(!log.contains("hunter2"), "{log}");

    let refused = lines(&log, "login refused");
    let why: Vec<_> = refused.iter().map(|line| line["why"].clone()).collect();
    assert_eq!(
        why[..5],
        [
            "wrong password",
            "no such user",
            "no such user",
            "no such user",
            "disabled"
        ]
    );
    for line in &refused {
        let is_user = line["why"] != "no such user";
        assert_eq!(line["user"] == id, is_user, "{line}");
        assert_eq!(line["name_hash"].is_string(), !is_user, "{line}");
    }
    let hashes: Vec<_> = refused[1..4]
        .iter()
        .map(|line| line["name_hash"].as_str().unwrap())
        .collect();
    assert_eq!(hashes[0].len(), 16, "{hashes:?}");
    // Two spellings of a name are the same account, another name is another one.
    assert_eq!(hashes[0], hashes[1]);
    assert_ne!(hashes[0], hashes[2]);
    let throttled = lines(&log, "login throttled");
    assert!(throttled.iter().any(|line| line["user"] == id), "{log}");
    assert!(
        throttled.iter().any(|line| line["name_hash"] == hashes[0]),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hash_of_a_name_in_the_log_depends_on_the_secret() {
    let mut hashes = vec![];
    for secret in [SECRET, "another one of tests, 33 bytes it is"] {
        let program = Program::start(&[("GATELODGE_SECRET", secret)]);
        login(&program, "eve", PASSWORD).await;
        let (_, log) = program.stop();
        hashes.push(lines(&log, "login refused")[0]["name_hash"].clone());
    }
    assert!(hashes[0].is_string());
    assert_ne!(hashes[0], hashes[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_with_an_empty_field_is_logged_with_the_user_or_a_hash_of_the_name() {
    let served = Program::start(&[("GATELODGE_SECRET", SECRET)]);
    let (_, ada) = served.ask(None, REGISTER, json!({})).await;
    let id = ada["data"]["register"]["user"]["id"].clone();
    let attempts = [
        (" Ada ", ""),
        ("hunter2", ""),
        ("hunter2 is my password", ""),
        ("", "hunter2"),
        ("hunter2", "correct horse"),
    ];
    for (username, password) in attempts {
        login(&served, username, password).await;
    }
    let (_, log) = served.stop();
    assert!(!log.contains("hunter2"), "{log}");
    let refused = lines(&log, "login refused");
    assert_eq!(refused.len(), attempts.len(), "{log}");
    let empty: Vec<_> = refused
        .iter()
        .filter(|line| line["why"] == "a field is empty")
        .collect();
    assert_eq!(empty.len(), 4, "{log}");
    let of = |field: &str| empty.iter().filter(|line| !line[field].is_null()).count();
    assert_eq!((of("user"), of("name_hash")), (1, 2), "{log}");
    assert!(empty.iter().any(|line| line["user"] == id), "{log}");
    // The same hash as in the line about a wrong password.
    let wrong = refused.iter().find(|line| line["why"] == "no such user");
    let hash = &wrong.unwrap()["name_hash"];
    assert!(empty.iter().any(|line| line["name_hash"] == *hash), "{log}");
}
