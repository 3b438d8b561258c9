//! A server in the place of the application. It notes each request, and answers nothing of interest.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// Maximum number of noted requests. Only doctor's own are noted.
const MAX_NOTED: usize = 1_000;

type Noted = Arc<Mutex<HashMap<String, HeaderMap>>>;

/// The server. It ends when it is dropped.
pub struct Echo {
    noted: Noted,
    task: JoinHandle<()>,
}

impl Echo {
    /// Starts to listen.
    pub async fn listen(address: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let noted = Noted::default();
        let router = Router::new().fallback(note).with_state(Arc::clone(&noted));
        let task = tokio::spawn(async move {
            // The task ends with the echo.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { noted, task })
    }

    /// Returns the headers of doctor's request with an id, if it came.
    pub fn take(&self, id: &str) -> Option<HeaderMap> {
        self.noted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(id)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The query parameter with the id of a request.
pub const ID: &str = "gatelodge-doctor";

async fn note(State(noted): State<Noted>, request: Request) -> StatusCode {
    let query = request.uri().query().unwrap_or_default();
    let ids = query.split('&').filter_map(|pair| pair.split_once('='));
    if let Some((_, id)) = ids.into_iter().find(|(name, _)| *name == ID) {
        let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() < MAX_NOTED {
            noted.insert(id.to_owned(), request.headers().clone());
        }
    }
    StatusCode::OK
}
