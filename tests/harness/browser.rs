//! A user's browser: it sends an Origin, keeps cookies, and speaks GraphQL.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use gatelodge::config::Config;
use reqwest::{
    Client, Method, RequestBuilder, StatusCode,
    header::{HeaderMap, HeaderName},
};
use serde_json::{Value, json};

/// A browser with a cookie jar of its own.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    pub url: String,
    pub origin: Option<String>,
    pub jar: Arc<Mutex<HashMap<String, String>>>,
    cookie: &'static str,
}

/// Answer to a request.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// Returns whether the answer has GraphQL errors.
    pub fn has_errors(&self) -> bool {
        self.json().get("errors").is_some()
    }

    /// Returns the data of an answer, which must have no errors.
    pub fn data(&self) -> Value {
        let json = self.json();
        assert!(json.get("errors").is_none(), "{json:#}");
        json["data"].clone()
    }

    /// Returns the code of the first error.
    pub fn code(&self) -> String {
        let json = self.json();
        json["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("no error with a code: {json:#}"))
            .to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn set_cookies(&self) -> Vec<String> {
        self.headers
            .get_all("set-cookie")
            .iter()
            .map(|value| value.to_str().unwrap().to_owned())
            .collect()
    }
}

impl Browser {
    pub fn new(address: SocketAddr, config: &Config) -> Self {
        Self {
            client: Client::builder().no_proxy().build().unwrap(),
            url: format!("http://{address}"),
            origin: Some("http://localhost:5173".to_owned()),
            jar: Arc::default(),
            cookie: if config.browser.public_url.is_https() {
                "__Host-gatelodge"
            } else {
                "gatelodge"
            },
        }
    }

    /// Returns the same browser on a page of another origin. `None` stands for a program, which sends no Origin.
    pub fn on_page(&self, origin: Option<&str>) -> Self {
        Self {
            origin: origin.map(str::to_owned),
            ..self.clone()
        }
    }

    /// Returns the same browser, connected to another node.
    pub fn at(&self, address: SocketAddr) -> Self {
        Self {
            url: format!("http://{address}"),
            ..self.clone()
        }
    }

    /// Returns the session token of the cookie.
    pub fn token(&self) -> Option<String> {
        self.jar.lock().unwrap().get(self.cookie).cloned()
    }

    pub fn set_token(&self, token: &str) {
        let mut jar = self.jar.lock().unwrap();
        jar.insert(self.cookie.to_owned(), token.to_owned());
    }

    /// Returns a request with the headers that a browser adds by itself.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(origin) = &self.origin {
            request = request.header("origin", origin);
        }
        let jar = self.jar.lock().unwrap();
        let cookies: Vec<_> = jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        request
    }

    /// Sends a request, and keeps the cookies of the answer.
    pub async fn send(&self, request: RequestBuilder) -> Reply {
        let response = request.send().await.unwrap();
        let reply = Reply {
            status: response.status(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        };
        let mut jar = self.jar.lock().unwrap();
        for cookie in reply.set_cookies() {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((&cookie, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        reply
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    /// Posts a body as GraphQL clients do.
    pub async fn post(&self, body: impl Into<reqwest::Body>) -> Reply {
        let request = self
            .request(Method::POST, "/graphql")
            .header("content-type", "application/json")
            .body(body);
        self.send(request).await
    }

    /// Posts a body with additional headers.
    pub async fn post_with(&self, headers: &[(&str, &str)], body: &Value) -> Reply {
        let mut request = self
            .request(Method::POST, "/graphql")
            .header("content-type", "application/json")
            .body(body.to_string());
        for (name, value) in headers {
            request = request.header(name.parse::<HeaderName>().unwrap(), *value);
        }
        self.send(request).await
    }

    /// Runs an operation.
    pub async fn run(&self, query: &str, variables: Value) -> Reply {
        self.post(json!({ "query": query, "variables": variables }).to_string())
            .await
    }

    /// Runs an operation that must succeed, and returns its data.
    pub async fn query(&self, query: &str) -> Value {
        self.run(query, json!({})).await.data()
    }

    /// Registers a user, and returns the payload.
    pub async fn register(&self, username: &str, password: &str) -> Value {
        self.register_confirmed(username, password, password).await
    }

    pub async fn register_confirmed(&self, username: &str, password: &str, again: &str) -> Value {
        let query = "mutation($input: RegisterInput!) { register(input: $input) {
            user { id username createdAt } session { id } userErrors { code message field retryAfter }
        } }";
        let input = json!({ "username": username, "password": password, "confirmPassword": again });
        self.run(query, json!({ "input": input })).await.data()["register"].clone()
    }

    /// Registers a user, which must succeed, and returns the payload.
    pub async fn must_register(&self, username: &str, password: &str) -> Value {
        let payload = self.register(username, password).await;
        assert_no_errors(&payload);
        payload
    }

    /// Logs in, and returns the payload.
    pub async fn login(&self, username: &str, password: &str) -> Value {
        self.login_reply(username, password).await.data()["login"].clone()
    }

    pub async fn login_reply(&self, username: &str, password: &str) -> Reply {
        let query = "mutation($input: LoginInput!) { login(input: $input) {
            user { id username } session { id } userErrors { code message field retryAfter }
        } }";
        let input = json!({ "username": username, "password": password });
        self.run(query, json!({ "input": input })).await
    }

    /// Runs a mutation with an input, and returns its payload: `wanted` and the user errors.
    pub async fn mutate(&self, field: &str, input: Value, wanted: &str) -> Value {
        self.mutate_reply(field, input, wanted).await.data()[field].clone()
    }

    pub async fn mutate_reply(&self, field: &str, input: Value, wanted: &str) -> Reply {
        let kind = field[..1].to_uppercase() + &field[1..] + "Input";
        let query = format!(
            "mutation($input: {kind}!) {{ {field}(input: $input) {{
                {wanted} userErrors {{ code message field retryAfter }} }} }}"
        );
        self.run(&query, json!({ "input": input })).await
    }

    /// Logs out, and returns whether there was a session to end.
    pub async fn logout(&self) -> bool {
        let data = self.query("mutation { logout { loggedOut } }").await;
        data["logout"]["loggedOut"].as_bool().unwrap()
    }

    /// Returns the ids of all sessions of the signed-in user, newest first.
    pub async fn sessions(&self) -> Vec<String> {
        let data = self.query("{ me { sessions { nodes { id } } } }").await;
        let nodes = data["me"]["sessions"]["nodes"].as_array().unwrap();
        let id = |node: &Value| node["id"].as_str().unwrap().to_owned();
        nodes.iter().map(id).collect()
    }

    /// Returns when the session expires, or "ended" if there is none.
    pub async fn session_expires_at(&self) -> String {
        let data = self.query("{ session { expiresAt } }").await;
        data["session"]["expiresAt"]
            .as_str()
            .unwrap_or("ended")
            .to_owned()
    }

    /// Returns the name of the signed-in user.
    pub async fn me(&self) -> Option<String> {
        let data = self.query("{ me { username } }").await;
        data["me"]["username"].as_str().map(str::to_owned)
    }
}

/// Returns the codes of a payload's user errors.
pub fn codes(payload: &Value) -> Vec<&str> {
    payload["userErrors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["code"].as_str().unwrap())
        .collect()
}

/// Asserts that a payload has no user errors.
#[track_caller]
pub fn assert_no_errors(payload: &Value) {
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
}
