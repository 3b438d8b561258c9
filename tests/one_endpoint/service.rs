//! A GraphQL service that answers by a function, and remembers what it was asked.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use gatelodge::config::upstream::UpstreamConfig;
use serde_json::{Value, value::RawValue};

use crate::upstream::client::{Service, json};

/// What a service does with a request.
pub enum Answer {
    /// It sends these bytes, and keeps the connection.
    Bytes(String),
    /// It sends these bytes, and closes the connection.
    Half(String),
    /// It sends these bytes one after the other.
    Slow(Vec<String>),
    /// It sends nothing.
    Silence,
}

/// Decides about a request.
pub type Script = dyn Fn(&Asked) -> Answer + Send + Sync;

/// A request as the service got it.
#[derive(Debug)]
pub struct Asked {
    head: String,
    /// The body as text.
    pub body: String,
}

/// A service on a free port.
pub struct FakeUpstream {
    service: Service,
    left: Arc<AtomicUsize>,
    closed: Arc<AtomicUsize>,
}

/// Returns an answer with status 200 and a JSON body.
pub fn graphql(body: &str) -> Answer {
    Answer::Bytes(json(body))
}

impl Asked {
    fn of(request: &str) -> Self {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        Self {
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    /// Returns all values of a header.
    pub fn headers(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    /// Returns the request line.
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    /// Returns the body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Returns the document.
    pub fn query(&self) -> String {
        self.json()["query"].as_str().unwrap().to_owned()
    }

    /// Returns the document with single spaces.
    pub fn words(&self) -> String {
        let query = self.query();
        query.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Returns the JSON text of a variable.
    pub fn raw_variable(&self, name: &str) -> String {
        #[derive(serde::Deserialize)]
        struct Body {
            variables: std::collections::HashMap<String, Box<RawValue>>,
        }
        let body: Body = serde_json::from_str(&self.body).unwrap();
        body.variables[name].get().to_owned()
    }

    /// Whether the gate asks for the schema, in its own name.
    pub fn is_for_schema(&self) -> bool {
        self.headers("x-request-id") == ["schema"]
    }
}

impl FakeUpstream {
    /// Starts a service.
    pub async fn start(script: Arc<Script>) -> Self {
        let left: Arc<AtomicUsize> = Arc::default();
        let closed: Arc<AtomicUsize> = Arc::default();
        let counters = (Arc::clone(&left), Arc::clone(&closed));
        let service = Service::start(move |mut connection| {
            let script = Arc::clone(&script);
            let (left, closed) = (Arc::clone(&counters.0), Arc::clone(&counters.1));
            async move {
                let mut is_for_schema = false;
                while let Some(request) = connection.request().await {
                    let asked = Asked::of(&request);
                    is_for_schema = asked.is_for_schema();
                    match script(&asked) {
                        Answer::Bytes(bytes) => connection.send(bytes).await,
                        Answer::Half(bytes) => return connection.send(bytes).await,
                        Answer::Slow(parts) => {
                            for part in parts {
                                connection.send(part).await;
                                // So that each part arrives by itself.
                                tokio::time::sleep(Duration::from_millis(5)).await;
                            }
                        }
                        Answer::Silence => {
                            connection.silent().await;
                            left.fetch_add(1, Ordering::SeqCst);
                            return;
                        }
                    }
                }
                closed.fetch_add(usize::from(!is_for_schema), Ordering::SeqCst);
            }
        })
        .await;
        Self {
            service,
            left,
            closed,
        }
    }

    /// Returns the settings of a gate in front of it.
    pub fn config(&self) -> UpstreamConfig {
        self.service.config()
    }

    /// Returns all requests but those for the schema.
    pub fn asked(&self) -> Vec<Asked> {
        let received = self.service.received();
        let asked = received.iter().map(|(_, request)| Asked::of(request));
        asked.filter(|asked| !asked.is_for_schema()).collect()
    }

    /// Returns the only request.
    #[track_caller]
    pub fn only(&self) -> Asked {
        let mut asked = self.asked();
        assert_eq!(asked.len(), 1, "{asked:#?}");
        asked.remove(0)
    }

    /// Returns how many requests without an answer the gate has left.
    pub fn left(&self) -> usize {
        self.left.load(Ordering::SeqCst)
    }

    /// Returns how many connections the gate has closed, but those for the schema.
    pub fn closed(&self) -> usize {
        self.closed.load(Ordering::SeqCst)
    }

    /// Returns the documents of all requests.
    pub fn queries(&self) -> Vec<String> {
        self.asked().iter().map(Asked::words).collect()
    }
}
