//! A proxy between the app and its database that a test can cut or freeze.

use std::sync::Arc;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// State of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyState {
    /// All bytes pass.
    Open,
    /// Connections are cut, and new ones are refused.
    Cut,
    /// Connections stay open, and nothing passes, as in a network failure.
    Frozen,
}

/// Passes bytes between its own port and a server.
pub struct Proxy {
    pub port: u16,
    state: Arc<watch::Sender<ProxyState>>,
}

impl Proxy {
    pub async fn to(server: String) -> Self {
        Self::between("127.0.0.1:0", server).await
    }

    /// Listens on another address than 127.0.0.1.
    pub async fn between(address: &str, server: String) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(watch::Sender::new(ProxyState::Open));
        let states = Arc::clone(&state);
        tokio::spawn(async move {
            loop {
                let Ok((client, _)) = listener.accept().await else {
                    return;
                };
                tokio::spawn(pass(client, server.clone(), states.subscribe()));
            }
        });
        Self { port, state }
    }

    pub fn set(&self, state: ProxyState) {
        self.state.send_replace(state);
    }
}

async fn pass(mut client: TcpStream, server: String, mut state: watch::Receiver<ProxyState>) {
    if changed(&mut state, ProxyState::Frozen).await == ProxyState::Cut {
        return;
    }
    let mut server = TcpStream::connect(server).await.unwrap();
    loop {
        let now = tokio::select! {
            biased;
            now = changed(&mut state, ProxyState::Open) => now,
            _ = copy_bidirectional(&mut client, &mut server) => return,
        };
        if now == ProxyState::Cut
            || changed(&mut state, ProxyState::Frozen).await == ProxyState::Cut
        {
            return;
        }
    }
}

/// Waits until the state is not `from`, and returns the new one.
async fn changed(state: &mut watch::Receiver<ProxyState>, from: ProxyState) -> ProxyState {
    let now = state.wait_for(|state| *state != from).await;
    now.map_or(ProxyState::Cut, |now| *now)
}
