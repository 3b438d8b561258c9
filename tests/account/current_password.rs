//! Mutations that ask for the current password accept nothing else.

use serde_json::{Value, json};

use crate::harness::{Browser, PASSWORD, assert_no_errors, test};

const WORDS: [&str; 2] = ["currentPassword", "password"];

/// Every mutation that takes the current password of the signed-in user, and its other input fields.
fn mutations() -> Vec<(String, Vec<String>)> {
    let sdl = gatelodge::graphql::sdl();
    let mut found = vec![];
    for part in sdl.split("\ninput ").skip(1) {
        let (name, body) = part.split_once(" {\n").unwrap();
        let body = body.split_once("\n}").unwrap().0;
        let fields: Vec<_> = body
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with('"'))
            .map(|line| line.split(':').next().unwrap().to_owned())
            .collect();
        let asks = fields.iter().any(|field| WORDS.contains(&field.as_str()));
        if asks && !matches!(name, "LoginInput" | "RegisterInput") {
            let name = name.strip_suffix("Input").unwrap();
            found.push((name[..1].to_lowercase() + &name[1..], fields));
        }
    }
    found
}

/// Returns an input with this current password and valid values elsewhere.
fn input(fields: &[String], password: &Value) -> Value {
    let value = |field: &String| match field.as_str() {
        word if WORDS.contains(&word) => password.clone(),
        "newPassword" | "confirmPassword" => json!("battery staple"),
        other => panic!("no valid value is known for {other}"),
    };
    fields
        .iter()
        .map(|field| (field.clone(), value(field)))
        .collect()
}

async fn answer(browser: &Browser, mutation: &str, input: Value) -> String {
    let reply = browser.mutate_reply(mutation, input, "__typename").await;
    let json = reply.json();
    let code = &json["data"][mutation]["userErrors"][0]["code"];
    match code.as_str() {
        Some(code) => code.to_owned(),
        None => reply.code(),
    }
}

#[test]
fn every_mutation_with_a_current_password_refuses_a_wrong_one_and_changes_nothing() {
    let mutations = mutations();
    assert!(mutations.len() >= 3, "{mutations:?}");
    test(async |app| {
        app.browser().must_register("bob", "violet harbour").await;
        let browser = app.register("ada").await;
        let token = browser.token();
        for (mutation, fields) in &mutations {
            for (password, code) in [
                (json!("correct horsf"), "INVALID_CREDENTIALS"),
                (json!("violet harbour"), "INVALID_CREDENTIALS"),
                (json!(" correct horse"), "INVALID_CREDENTIALS"),
                (json!("x".repeat(1000)), "INVALID_CREDENTIALS"),
                (json!("\u{0}"), "INVALID_CREDENTIALS"),
                (json!(""), "REQUIRED"),
                (Value::Null, "BAD_USER_INPUT"),
                (json!("x".repeat(1_000_000)), "PAYLOAD_TOO_LARGE"),
            ] {
                let got = answer(&browser, mutation, input(fields, &password)).await;
                assert_eq!(got, code, "{mutation} {}", password.to_string().len());
            }
            let mut omitted = input(fields, &json!(""));
            omitted
                .as_object_mut()
                .unwrap()
                .retain(|field, _| !WORDS.contains(&field.as_str()));
            assert_eq!(answer(&browser, mutation, omitted).await, "BAD_USER_INPUT");
            let stranger = app.browser();
            let right = input(fields, &json!(PASSWORD));
            assert_eq!(answer(&stranger, mutation, right).await, "UNAUTHENTICATED");
        }
        assert_eq!(browser.token(), token);
        assert_eq!(browser.me().await.as_deref(), Some("ada"));
        let payload = app.browser().login("ada", PASSWORD).await;
        assert_no_errors(&payload);
    });
}
