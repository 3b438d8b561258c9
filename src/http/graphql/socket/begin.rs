//! The beginning of a socket: `connection_init`, and who may use the service.

use std::{collections::HashMap, sync::Arc};

use serde_json::value::RawValue;
use tokio::time::timeout;

use super::{
    bounds::SessionPermit, client::Client, close::Close, life::Life, message::ClientMessage,
    rate::Rate,
};
use crate::{
    auth::session::authenticate::Authenticated,
    graphql::{context::RequestContext, execute::Denied},
    http::Http,
    upstream::PONG,
};

const ACK: &str = r#"{"type":"connection_ack"}"#;

/// The payload of `connection_init`.
pub type Params = HashMap<String, Box<RawValue>>;

/// A socket that has begun.
pub struct Begun {
    /// What the client sent with `connection_init`.
    pub params: Arc<Params>,
    /// The socket's life.
    pub life: Life,
    /// The permission for a socket of the session. A stranger has no session.
    pub permit: Option<SessionPermit>,
}

/// Waits for `connection_init`, and decides whether the client may use the service.
///
/// A client without a session gets its answer here and not before the upgrade: clients of graphql-ws never try again after
/// an upgrade that failed with 401, but do so after 4403.
pub async fn begin(
    http: &Http,
    context: &RequestContext,
    client: &mut Client,
) -> Result<Begun, Close> {
    let stop = http.sockets.stop();
    let limit = http.sockets.config().socket_init_timeout;
    let rate = Rate::new(http.sockets.config().socket_message_rate);
    let mut params = tokio::select! {
        params = timeout(limit, init(client, rate)) => params.map_err(|_| Close::InitTimeout)??,
        () = stop.cancelled() => return Err(Close::Restart),
    };
    let upstream = http.executor.upstream().ok_or(Close::Internal)?;
    // The others are not kept as long as the socket is open.
    params.retain(|key, _| upstream.config().forward_connection_params.contains(key));
    let authenticated = match upstream.check(context).await {
        Ok(authenticated) => authenticated,
        Err(Denied::Refused(..)) => return Err(Close::Forbidden),
        Err(Denied::CannotDecide(..)) => return Err(Close::Unavailable),
    };
    let permit = match authenticated {
        Some(Authenticated { session, .. }) => {
            let permit = http.sockets.admit_session(session.id);
            Some(permit.ok_or(Close::TooManySockets)?)
        }
        None => None,
    };
    let (token, config) = (context.token(), upstream.config());
    let life = Life::new(&http.auth, authenticated, token, config, stop.clone());
    client.send(ACK).await?;
    Ok(Begun {
        params: Arc::new(params),
        life,
        permit,
    })
}

async fn init(client: &mut Client, mut rate: Rate) -> Result<Params, Close> {
    loop {
        rate.ready().await;
        rate.count();
        let Some(text) = client.receive().await? else {
            continue;
        };
        match ClientMessage::read(&text).ok_or(Close::BadMessage)? {
            ClientMessage::Init(payload) => {
                let params = payload.map(|payload| serde_json::from_str(payload.get()));
                let params: Option<Option<Params>> =
                    params.transpose().map_err(|_| Close::BadMessage)?;
                return Ok(params.flatten().unwrap_or_default());
            }
            ClientMessage::Ping => client.send(PONG).await?,
            ClientMessage::Pong | ClientMessage::Complete { .. } => {}
            ClientMessage::Subscribe { .. } => return Err(Close::NotInitialised),
        }
    }
}
