//! Administrators of a test, and what they do to people.

use gatelodge::{auth::admin::actor::Actor, domain::role::Roles};
use serde_json::{Value, json};

use super::{Browser, TestApp};

pub const PASSWORD: &str = "correct horse";

/// Registers somebody; their browser and their id.
pub async fn person(app: &TestApp, name: &str) -> (Browser, String) {
    let browser = app.browser();
    let payload = browser.registered(name, PASSWORD).await;
    (browser, payload["user"]["id"].as_str().unwrap().to_owned())
}

/// Gives a person roles, as the command line does.
pub async fn give(app: &TestApp, id: &str, roles: &str) {
    let roles = Roles::read(roles);
    let set = app
        .auth
        .set_user_roles(&Actor::OPERATOR, id.parse().ok(), |_| Ok(roles));
    set.await.unwrap();
}

/// Registers an administrator.
pub async fn admin(app: &TestApp, name: &str) -> (Browser, String) {
    let (browser, id) = person(app, name).await;
    give(app, &id, "admin").await;
    (browser, id)
}

/// Runs a mutation on a person; its payload.
pub async fn change(browser: &Browser, field: &str, input: Value) -> Value {
    let reply = browser
        .run(&document(field), json!({ "input": input }))
        .await;
    reply.data()[field].clone()
}

pub fn document(field: &str) -> String {
    let input = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
    format!(
        "mutation($input: {input}!) {{ {field}(input: $input) {{
            user {{ id username roles disabledAt }} userErrors {{ code field message }} }} }}"
    )
}

/// Who is an administrator, as the database has it.
pub async fn admins(app: &TestApp) -> Vec<String> {
    let sql = "SELECT username FROM users WHERE roles LIKE '% admin %' AND disabled_at IS NULL ORDER BY username";
    app.database.db_column(sql).await
}
