//! Users in tests, and the steps that many tests share: register, log in, fail a login, administer.

use std::ops::Deref;

use gatelodge::{auth::admin::actor::Actor, domain::role::Roles};
use serde_json::{Value, json};

use super::{Browser, PASSWORD, TestApp, assert_no_errors, codes};

/// Registered user, and the browser in which they are signed in. It can be used as that browser.
#[derive(Clone)]
pub struct TestUser {
    pub id: String,
    pub browser: Browser,
}

impl Deref for TestUser {
    type Target = Browser;

    fn deref(&self) -> &Browser {
        &self.browser
    }
}

impl TestApp {
    /// Registers a user with the password of tests, in a browser of their own.
    pub async fn register(&self, username: &str) -> TestUser {
        let browser = self.browser();
        let payload = browser.must_register(username, PASSWORD).await;
        let id = payload["user"]["id"].as_str().unwrap().to_owned();
        TestUser { id, browser }
    }

    /// Registers an administrator.
    pub async fn register_admin(&self, username: &str) -> TestUser {
        let user = self.register(username).await;
        self.give_roles(&user, "admin").await;
        user
    }

    /// Gives a user roles, as the command line does.
    pub async fn give_roles(&self, user: &TestUser, roles: &str) {
        let roles = Roles::read(roles);
        let set = self
            .auth
            .set_user_roles(&Actor::OPERATOR, user.id.parse().ok(), |_| Ok(roles));
        set.await.unwrap();
    }

    /// Returns the names of the administrators in the database.
    pub async fn admin_names(&self) -> Vec<String> {
        let sql = "SELECT username FROM users WHERE roles LIKE '% admin %' AND disabled_at IS NULL ORDER BY username";
        self.database.db_column(sql).await
    }

    /// Logs in with the password of tests in a new browser.
    pub async fn log_in(&self, username: &str) -> Browser {
        let browser = self.browser();
        assert_no_errors(&browser.login(username, PASSWORD).await);
        browser
    }

    /// Fails a login in a new browser. Returns the seconds to wait if the login was throttled.
    pub async fn fail_login(&self, username: &str) -> Option<u64> {
        self.browser().fail_login(username).await
    }
}

impl Browser {
    /// Fails a login. Returns the seconds to wait if the login was throttled.
    pub async fn fail_login(&self, username: &str) -> Option<u64> {
        let payload = self.login(username, "wrong password").await;
        if codes(&payload) == ["INVALID_CREDENTIALS"] {
            return None;
        }
        Some(retry_after(&payload).unwrap_or_else(|| panic!("{payload:#}")))
    }

    /// Runs an administrator's mutation on a user, and returns its payload.
    pub async fn change_user(&self, field: &str, input: Value) -> Value {
        let reply = self
            .run(&change_user_document(field), json!({ "input": input }))
            .await;
        reply.data()[field].clone()
    }
}

/// Returns the document of an administrator's mutation on a user.
pub fn change_user_document(field: &str) -> String {
    let input = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
    format!(
        "mutation($input: {input}!) {{ {field}(input: $input) {{
            user {{ id username roles disabledAt }} userErrors {{ code field message }} }} }}"
    )
}

/// Returns the seconds to wait if a payload says that the request was throttled.
pub fn retry_after(payload: &Value) -> Option<u64> {
    if codes(payload) != ["THROTTLED"] {
        return None;
    }
    let error = &payload["userErrors"][0];
    assert_eq!(error["field"], Value::Null);
    Some(error["retryAfter"].as_u64().unwrap())
}
