//! A GraphQL service with subscriptions, which remembers what it was asked.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::{SinkExt, StreamExt};
use gatelodge::config::upstream::UpstreamConfig;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::broadcast::{self, error::RecvError},
    task::JoinHandle,
};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{
        self, Message,
        handshake::server::{ErrorResponse, Request, Response},
        http::HeaderValue,
        protocol::CloseFrame,
    },
};

/// What all sockets of a service do now.
#[derive(Clone, Debug)]
pub enum Command {
    /// They send an event to every subscription.
    Emit(Value),
    /// They close.
    Close(u16),
}

#[derive(Default)]
struct State {
    open: AtomicUsize,
    upgrades: Mutex<Vec<Vec<(String, String)>>>,
    messages: Mutex<Vec<String>>,
}

/// A service on a free port.
pub struct SocketService {
    address: SocketAddr,
    state: Arc<State>,
    commands: broadcast::Sender<Command>,
    accepting: JoinHandle<()>,
}

impl SocketService {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state: Arc<State> = Arc::default();
        let (commands, _) = broadcast::channel(16);
        let (shared, sender) = (Arc::clone(&state), commands.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (state, commands) = (Arc::clone(&shared), sender.subscribe());
                tokio::spawn(async move {
                    let _ = serve(stream, &state, commands).await;
                });
            }
        });
        Self {
            address,
            state,
            commands,
            accepting,
        }
    }

    /// Returns the settings of a gate in front of it.
    pub fn config(&self) -> UpstreamConfig {
        UpstreamConfig::at(format!("http://{}/graphql", self.address).parse().unwrap())
    }

    pub fn command(&self, command: Command) {
        self.commands.send(command).unwrap();
    }

    /// Gives a command to the sockets that are still open.
    pub fn try_command(&self, command: Command) {
        let _ = self.commands.send(command);
    }

    /// Returns how many sockets are open.
    pub fn open(&self) -> usize {
        self.state.open.load(Ordering::SeqCst)
    }

    /// Returns the headers of each upgrade request.
    pub fn upgrades(&self) -> Vec<Vec<(String, String)>> {
        self.state.upgrades.lock().unwrap().clone()
    }

    /// Returns all messages as they came.
    pub fn raw(&self) -> Vec<String> {
        self.state.messages.lock().unwrap().clone()
    }

    /// Returns all messages of a type.
    pub fn of_type(&self, kind: &str) -> Vec<Value> {
        let messages = self.raw().into_iter();
        let messages = messages.map(|text| serde_json::from_str::<Value>(&text).unwrap());
        messages.filter(|message| message["type"] == kind).collect()
    }
}

impl Drop for SocketService {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(
    stream: TcpStream,
    state: &State,
    mut commands: broadcast::Receiver<Command>,
) -> Result<(), tungstenite::Error> {
    let mut socket = accept(stream, |headers| {
        state.upgrades.lock().unwrap().push(headers);
    })
    .await?;
    state.open.fetch_add(1, Ordering::SeqCst);
    let _guard = Open(state);
    let mut running: HashSet<String> = HashSet::new();
    loop {
        let message = tokio::select! {
            command = commands.recv() => match command {
                Ok(Command::Emit(payload)) => {
                    for id in &running {
                        let next = json!({"type": "next", "id": id, "payload": payload});
                        socket.send(Message::text(next.to_string())).await?;
                    }
                    continue;
                }
                Ok(Command::Close(code)) => {
                    let frame = CloseFrame { code: code.into(), reason: "".into() };
                    return socket.close(Some(frame)).await;
                }
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return Ok(()),
            },
            message = socket.next() => match message {
                Some(message) => message?,
                None => return Ok(()),
            },
        };
        let Message::Text(text) = message else {
            continue;
        };
        let message: Value = serde_json::from_str(&text).unwrap();
        state.messages.lock().unwrap().push(text.to_string());
        let id = || message["id"].as_str().unwrap().to_owned();
        let mut answers = vec![];
        match message["type"].as_str().unwrap() {
            "connection_init" => answers.push(json!({"type": "connection_ack"})),
            "complete" => {
                running.remove(&id());
            }
            "subscribe" => {
                let query = message["payload"]["query"].as_str().unwrap();
                if query.contains("subscription") {
                    running.insert(id());
                    answers.push(
                        json!({"type": "next", "id": id(), "payload": {"data": {"ticks": 0}}}),
                    );
                } else {
                    answers.push(
                        json!({"type": "next", "id": id(), "payload": {"data": {"tasks": []}}}),
                    );
                    answers.push(json!({"type": "complete", "id": id()}));
                }
            }
            _ => {}
        }
        for answer in answers {
            socket.send(Message::text(answer.to_string())).await?;
        }
    }
}

/// Accepts a socket as a service does. `note` gets the headers of the request.
pub async fn accept(
    stream: TcpStream,
    note: impl Fn(Vec<(String, String)>) + Unpin,
) -> Result<WebSocketStream<TcpStream>, tungstenite::Error> {
    #[expect(clippy::result_large_err, reason = "the library has this type")]
    let answer = |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
        let headers = request.headers().iter();
        let value = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        note(
            headers
                .map(|(name, other)| (name.to_string(), value(other)))
                .collect(),
        );
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        response
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        Ok(response)
    };
    accept_hdr_async(stream, answer).await
}

struct Open<'s>(&'s State);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}
