//! The log as operators read it: what happened, from where, and no secret.

use serde_json::{Value, json};

use crate::harness::Program;

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_all_operations_contains_no_password_token_or_cookie() {
    let program = Program::start(&[
        ("RUST_LOG", "trace"),
        ("GATELODGE_TYPO", "1"),
        (
            "GATELODGE_SECRET",
            "hunter2-hunter2-hunter2-hunter2-hunter2",
        ),
    ]);
    let input = json!({ "username": "ada", "password": "hunter2 horse", "confirmPassword": "hunter2 horse" });
    let register = "mutation($input: RegisterInput!) { register(input: $input) { user { id } } }";
    let (first, _) = program.ask(None, register, json!({ "input": input })).await;
    let first = first.unwrap();
    let (_, me) = program
        .ask(Some(&first), "{ me { username } }", json!({}))
        .await;
    assert_eq!(me["data"]["me"]["username"], "ada");
    program
        .ask(Some(&first), "mutation { logout { loggedOut } }", json!({}))
        .await;
    let login = "mutation { login(input: { username: \"ada\", password: \"hunter2 horse\" }) { user { id } } }";
    let (second, _) = program.ask(None, login, json!({})).await;
    let second = second.unwrap();
    let broken = "mutation { login(input: { username: \"ada\", password: \"hunter2 horse\" }) { ";
    program.ask(Some(&second), broken, json!({})).await;
    let listed = "mutation { login(input: [{ username: \"ada\", password: \"hunter2 horse\" }]) { user { id } } }";
    program.ask(Some(&second), listed, json!({})).await;
    program
        .ask(
            Some(&second),
            "query($x: Int!) { me { id } }",
            json!({ "x": "hunter2" }),
        )
        .await;

    let (status, log) = program.stop();
    assert_eq!(status, Some(0), "{log}");
    let tokens = [&first, &second].map(|cookie| cookie.split_once('=').unwrap().1.to_owned());
    for secret in ["hunter2", &tokens[0], &tokens[1], "gatelodge="] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
    let ours: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for message in [
        "registered",
        "logged in",
        "logged out",
        "answered",
        "stopped",
    ] {
        assert!(
            ours.iter().any(|line| line["message"] == message),
            "{message}"
        );
    }
    let answered = ours
        .iter()
        .find(|line| line["message"] == "registered")
        .unwrap();
    assert_eq!(answered["span"]["path"], "/graphql");
    assert!(
        answered["span"]["id"]
            .as_str()
            .is_some_and(|id| id.len() == 32)
    );
    for message in ["registered", "logged in", "logged out"] {
        let line = ours.iter().find(|line| line["message"] == message).unwrap();
        for (name, start) in [("user", "user_"), ("session", "session_")] {
            let id = line[name].as_str();
            assert!(id.is_some_and(|id| id.starts_with(start)), "{line}");
        }
        let time = line["timestamp"].as_str().unwrap();
        assert!(time.ends_with('Z'), "{line}");
        assert!(chrono::DateTime::parse_from_rfc3339(time).is_ok(), "{line}");
        assert_eq!(line["span"]["source"], "127.0.0.1", "{line}");
    }
    assert!(
        ours.iter()
            .any(|line| line["level"] == "WARN" && line["name"] == "GATELODGE_TYPO")
    );
}

/// Summarizes a line: its message, its reason or code, its level and its source.
fn summary(line: &Value) -> (String, String, String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let why = ["why", "code", "user"]
        .iter()
        .map(|name| text(&line[*name]))
        .find(|word| !word.is_empty());
    (
        text(&line["message"]),
        why.unwrap_or_default(),
        text(&line["level"]),
        text(&line["span"]["source"]),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_is_logged_with_its_reason_and_source_and_without_the_value() {
    let program = Program::start(&[
        ("GATELODGE_TRUSTED_PROXIES", "127.0.0.0/8"),
        ("GATELODGE_THROTTLE_ACCOUNT", "1"),
        ("GATELODGE_THROTTLE_REGISTER", "3/1h"),
    ]);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let graphql = format!("{}/graphql", program.url);
    let from = |request: reqwest::RequestBuilder| request.header("x-forwarded-for", "192.0.2.7");
    let json = "application/json";
    let post = |body: Value| {
        let request = from(client.post(&graphql)).header("content-type", json);
        request.body(body.to_string())
    };
    let login = "mutation($u: String!, $p: String!) { login(input: { username: $u, password: $p }) { user { id } } }";
    let login = |username: &str, password: &str| {
        post(json!({ "query": login, "variables": { "u": username, "p": password } }))
    };
    let register = "mutation($i: RegisterInput!) { register(input: $i) { user { id } } }";
    let register = |username: &str, password: &str, again: &str| {
        let input = json!({ "username": username, "password": password, "confirmPassword": again });
        post(json!({ "query": register, "variables": { "i": input } }))
    };
    let good = "hunter2 horse";
    let registered = register("hunter2-ada", good, good).send().await.unwrap();
    let mut cookies = registered.headers().get_all("set-cookie").iter();
    let session = cookies.find(|cookie| cookie.as_bytes().starts_with(b"gatelodge="));
    let cookie = session.unwrap().to_str().unwrap().split(';').next();
    let cookie = cookie.unwrap().to_owned();
    let other = "session_01h455vb4pex5vsknk084sn02q";
    let node = post(json!({ "query": format!("{{ node(id: \"{other}\") {{ id }} }}") }));
    let query = json!({ "query": "{ me { id } }" });
    for request in [
        register("hunter2-ada", good, good),
        register("a hunter2", "hunter2", "hunter2"),
        register("hunter2", good, "hunter2 house"),
        register("hunter2-eve", "password1", "password1"),
        register("hunter2-eve", good, good),
        register("hunter2-bob", good, good),
        login("hunter2", ""),
        login("hunter2", "hunter2 house"),
        login("hunter2", good),
        post(query.clone()).header("origin", "https://evil.example"),
        post(json!({ "query": "{ hunter2 " })),
        post(json!({ "query": "{ hunter2 }" })),
        post(json!({ "query": "mutation { logout { loggedOut } again: logout { loggedOut } }" })),
        from(client.get(format!("{graphql}?query=mutation{{logout{{loggedOut}}}}"))),
        from(client.put(&graphql)),
        from(client.post(&graphql))
            .header("content-type", "text/plain")
            .body("hunter2"),
        node.header("cookie", cookie),
        post(query).header("cookie", "gatelodge=hunter2; gatelodge=hunter2"),
    ] {
        request.send().await.unwrap();
    }
    let (_, log) = program.stop();
    assert!(!log.contains("hunter2"), "{log}");
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let summaries: Vec<_> = lines.iter().map(summary).collect();
    for (message, why, level) in [
        ("registration refused", "username taken", "INFO"),
        (
            "registration refused",
            "username invalid, password too short",
            "INFO",
        ),
        ("registration refused", "passwords do not match", "INFO"),
        ("registration refused", "password too common", "INFO"),
        ("registration refused", "throttled", "INFO"),
        ("login refused", "a field is empty", "INFO"),
        ("login refused", "no such user", "INFO"),
        ("login throttled", "", "INFO"),
        (
            "request refused",
            "This origin is not allowed: https://evil.example. The gateway's setting GATELODGE_ALLOWED_ORIGINS lists the origins of frontends",
            "WARN",
        ),
        ("operation refused", "GRAPHQL_PARSE_FAILED", "INFO"),
        ("operation refused", "GRAPHQL_VALIDATION_FAILED", "INFO"),
        ("request refused", "This method is not allowed here", "INFO"),
    ] {
        let line = (message, why, level, "192.0.2.7");
        let is = |(a, b, c, d): &(String, String, String, String)| {
            (a.as_str(), b.as_str(), c.as_str(), d.as_str()) == line
        };
        assert!(summaries.iter().any(is), "{line:?} not in {summaries:#?}");
    }
    for message in ["node refused", "two cookies of one name"] {
        assert!(log.contains(message), "{message}");
    }
    let answered = lines.iter().filter(|line| line["message"] == "answered");
    assert!(answered.count() >= 18);
    for line in lines.iter().filter(|line| line["span"]["id"].is_string()) {
        assert_eq!(line["span"]["source"], "192.0.2.7", "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_with_a_missing_pepper_is_one_error_line_without_the_key() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kept.db");
    let database = format!("sqlite://{}?mode=rwc", path.display());
    let (one, two) = ("hunter2-".repeat(5), "*******-abcdef".repeat(5));
    let (one, two) = (format!("one:{one}"), format!("two:{two}"));
    let program = Program::start(&[("DATABASE_URL", &database), ("GATELODGE_PEPPERS", &one)]);
    let register = "mutation { register(input: { username: \"ada\", password: \"correct horse\", confirmPassword: \"correct horse\" }) { user { id } } }";
    assert!(program.ask(None, register, json!({})).await.0.is_some());
    let (_, log) = program.stop();
    assert!(!log.contains("hunter2"), "{log}");

    let program = Program::start(&[("DATABASE_URL", &database), ("GATELODGE_PEPPERS", &two)]);
    let login = "mutation { login(input: { username: \"ada\", password: \"correct horse\" }) { userErrors { code } } }";
    let (_, reply) = program.ask(None, login, json!({})).await;
    let code = &reply["data"]["login"]["userErrors"][0]["code"];
    assert_eq!(*code, "INVALID_CREDENTIALS");
    let (_, log) = program.stop();
    let errors: Vec<_> = log
        .lines()
        .filter(|line| line.contains("\"ERROR\""))
        .collect();
    assert_eq!(errors.len(), 1, "{log}");
    assert!(errors[0].contains("GATELODGE_PEPPERS") && errors[0].contains("\"source\""));
    assert!(!log.contains("*******"), "{log}");
}
