//! A door between the app and its database that a test can shut.

use std::sync::Arc;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// How the door stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Everything passes.
    Open,
    /// Connections are cut, new ones are refused.
    Shut,
    /// Connections stand, and nothing passes: the network is gone.
    Frozen,
}

/// Passes bytes between a port of its own and a server.
pub struct Proxy {
    pub port: u16,
    door: Arc<watch::Sender<Door>>,
}

impl Proxy {
    pub async fn to(server: String) -> Self {
        Self::between("127.0.0.1:0", server).await
    }

    /// Listens at another address than 127.0.0.1.
    pub async fn between(address: &str, server: String) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let door = Arc::new(watch::Sender::new(Door::Open));
        let doors = Arc::clone(&door);
        tokio::spawn(async move {
            loop {
                let Ok((client, _)) = listener.accept().await else {
                    return;
                };
                tokio::spawn(pass(client, server.clone(), doors.subscribe()));
            }
        });
        Self { port, door }
    }

    pub fn set(&self, door: Door) {
        self.door.send_replace(door);
    }
}

async fn pass(mut client: TcpStream, server: String, mut door: watch::Receiver<Door>) {
    if changed(&mut door, Door::Frozen).await == Door::Shut {
        return;
    }
    let mut server = TcpStream::connect(server).await.unwrap();
    loop {
        let now = tokio::select! {
            biased;
            now = changed(&mut door, Door::Open) => now,
            _ = copy_bidirectional(&mut client, &mut server) => return,
        };
        if now == Door::Shut || changed(&mut door, Door::Frozen).await == Door::Shut {
            return;
        }
    }
}

/// Waits until the door does not stand so any more; how it stands then.
async fn changed(door: &mut watch::Receiver<Door>, from: Door) -> Door {
    let now = door.wait_for(|door| *door != from).await;
    now.map_or(Door::Shut, |now| *now)
}
