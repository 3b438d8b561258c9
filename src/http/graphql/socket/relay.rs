//! Relays the messages of one socket, and ends it.
//!
//! One task does it all, and holds one message at a time: a client that does not read makes the service wait, and is cut
//! off. So is a service that does not read.

use std::{convert::Infallible, sync::Arc};

use async_graphql::ServerError;
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::{
    begin::{Begun, Params, begin},
    client::Client,
    close::Close,
    heartbeat::{Due, Heartbeat},
    life::{Life, LifeEvent},
    message::{ClientMessage, ServiceMessage, write},
    rate::Rate,
    service::{Opening, Service, ServiceEvent},
    subscriptions::Subscriptions,
};
use crate::{
    config::socket::SocketConfig,
    graphql::{context::RequestContext, error_code::ErrorCode, execute::error},
    http::{
        Http,
        graphql::{
            body::{self, Raw},
            splice::Splicer,
        },
    },
    upstream::{PONG, UpstreamError},
};

/// What is wrong with a message of the service that is not one of the protocol.
const INVALID_MESSAGE: UpstreamError =
    UpstreamError::NotGraphql("its message over the WebSocket is invalid");

/// Relays the messages of a socket until it ends.
pub async fn relay(http: Arc<Http>, context: Arc<RequestContext>, mut client: Client) {
    let Begun {
        params,
        life,
        permit,
    } = match begin(&http, &context, &mut client).await {
        Ok(begun) => begun,
        Err(close) => return client.end(close).await,
    };
    let mut relay = Relay {
        config: http.sockets.config().clone(),
        http,
        context,
        client,
        service: Service::None,
        params,
        life,
        running: Subscriptions::default(),
        has_lost_role: false,
    };
    let Err(close) = relay.run().await;
    relay.service.close();
    drop((permit, relay.life));
    relay.client.end(close).await;
}

/// A socket after `connection_ack`.
struct Relay {
    http: Arc<Http>,
    config: SocketConfig,
    context: Arc<RequestContext>,
    client: Client,
    service: Service,
    params: Arc<Params>,
    life: Life,
    running: Subscriptions,
    /// Whether the running subscriptions must end because the user lost a role.
    has_lost_role: bool,
}

impl Relay {
    async fn run(&mut self) -> Result<Infallible, Close> {
        let (interval, limit) = (
            self.config.socket_ping_interval,
            self.config.socket_ping_timeout,
        );
        let mut to_client = Heartbeat::new(interval, limit);
        let mut to_service = Heartbeat::new(interval, limit);
        let mut rate = Rate::new(self.config.socket_message_rate);
        loop {
            if std::mem::take(&mut self.has_lost_role) {
                self.end_subscriptions().await?;
            }
            tokio::select! {
                event = self.life.event() => self.note(event)?,
                due = to_client.due() => match due {
                    Due::Ping => {
                        let ping = self.client.ping();
                        unless_over(&mut self.life, &mut self.has_lost_role, ping).await??;
                    }
                    Due::Gone => return Err(Close::Gone),
                },
                due = to_service.due(), if self.service.is_open() => {
                    let pinged = match due {
                        Due::Ping => {
                            let ping = self.service.ping(self.config.socket_write_timeout);
                            unless_over(&mut self.life, &mut self.has_lost_role, ping).await?
                        }
                        Due::Gone => Err(UpstreamError::Silence),
                    };
                    pinged.or_else(|failed| self.lose_service(&failed))?;
                }
                event = self.service.next() => {
                    if matches!(event, ServiceEvent::Opened(_)) {
                        to_service = Heartbeat::new(interval, limit);
                    }
                    to_service.heard();
                    self.take_from_service(event).await?;
                }
                text = async { rate.ready().await; self.client.receive().await }, if !self.service.is_full() => {
                    to_client.heard();
                    // Pings count too: each costs an answer.
                    rate.count();
                    if let Some(text) = text? {
                        self.take_from_client(&text).await?;
                    }
                }
            }
        }
    }

    /// Reacts to what happened to the session.
    fn note(&mut self, event: LifeEvent) -> Result<(), Close> {
        match event {
            LifeEvent::SessionEnded => Err(Close::Forbidden),
            LifeEvent::SessionUnknown => Err(Close::Unavailable),
            LifeEvent::Restart => Err(Close::Restart),
            LifeEvent::RoleLost => {
                self.has_lost_role = true;
                Ok(())
            }
        }
    }

    /// Ends all running subscriptions: the user may not have them any more. The token that the service got has the role, so
    /// the socket toward it ends too.
    async fn end_subscriptions(&mut self) -> Result<(), Close> {
        self.service.close();
        for id in self.running.take_all() {
            self.refuse(&id, &[forbidden()]).await?;
        }
        Ok(())
    }

    async fn take_from_client(&mut self, text: &str) -> Result<(), Close> {
        match ClientMessage::read(text).ok_or(Close::BadMessage)? {
            ClientMessage::Init(_) => Err(Close::InitTwice),
            ClientMessage::Ping => self.send_to_client(PONG.to_owned()).await,
            ClientMessage::Pong => Ok(()),
            ClientMessage::Complete { id } => {
                let Some(number) = self.running.remove_id(&id) else {
                    return Ok(());
                };
                let complete = write::<_, ()>("complete", Some(number.to_string()), None);
                self.send_to_service(complete.ok_or(Close::Internal)?).await
            }
            ClientMessage::Subscribe { id, .. } if self.running.contains(&id) => Err(Close::SameId),
            ClientMessage::Subscribe { id, request } => match self.admit(request) {
                Err(errors) => self.refuse(&id, &errors).await,
                Ok(body) => {
                    let number = self.running.add(id.into_owned());
                    let subscribe = write("subscribe", Some(number.to_string()), Some(&*body));
                    self.send_to_service(subscribe.ok_or(Close::Internal)?)
                        .await
                }
            },
        }
    }

    /// Checks an operation, and returns the request for the service.
    fn admit(&self, request: &RawValue) -> Result<Box<RawValue>, Vec<ServerError>> {
        if self.running.len() >= self.config.socket_subscriptions as usize {
            let message = "Too many subscriptions run on this WebSocket";
            return Err(vec![error(ErrorCode::OperationTooComplex, message)]);
        }
        if !self.life.is_met() {
            return Err(vec![forbidden()]);
        }
        let request = body::from_json(request.get().as_bytes(), Raw::Kept);
        let mut request = request.map_err(|refused| vec![refused.into_error()])?;
        request.accepts_events = true;
        let body = self.http.executor.over_socket(&request)?;
        RawValue::from_string(body).map_err(|_| {
            let code = ErrorCode::InternalServerError;
            vec![error(code, "Internal server error")]
        })
    }

    async fn take_from_service(&mut self, event: ServiceEvent) -> Result<(), Close> {
        let text = match event {
            ServiceEvent::Opened(waiting) => {
                for message in waiting {
                    self.send_to_service(message).await?;
                }
                return Ok(());
            }
            ServiceEvent::Denied => return Err(Close::Unavailable),
            ServiceEvent::Failed(failed) => return self.lose_service(&failed),
            // The answer to a ping.
            ServiceEvent::Message(text) if text.is_empty() => return Ok(()),
            ServiceEvent::Message(text) => text,
        };
        let message = match ServiceMessage::read(&text) {
            Some(ServiceMessage::Next(number, payload)) => {
                match (self.running.id(number), without_identity(payload)) {
                    (None, _) => None,
                    (Some(id), Some(payload)) => Some(write("next", Some(id), Some(&*payload))),
                    (Some(_), None) => return self.lose_service(&INVALID_MESSAGE),
                }
            }
            Some(ServiceMessage::Error(number, payload)) => {
                let id = self.running.remove(number);
                id.map(|id| write("error", Some(id), Some(payload)))
            }
            Some(ServiceMessage::Complete(number)) => {
                let id = self.running.remove(number);
                id.map(|id| write::<_, ()>("complete", Some(id), None))
            }
            Some(ServiceMessage::Ping) => return self.send_to_service(PONG.to_owned()).await,
            Some(ServiceMessage::Pong) => None,
            None => return self.lose_service(&INVALID_MESSAGE),
        };
        match message {
            Some(message) => self.send_to_client(message.ok_or(Close::Internal)?).await,
            // A late message of a subscription that has ended.
            None => Ok(()),
        }
    }

    /// Reacts to the loss of the socket toward the service. Without running subscriptions, the next one opens another.
    fn lose_service(&mut self, failed: &UpstreamError) -> Result<(), Close> {
        self.service = Service::None;
        if self.running.is_empty() {
            tracing::debug!(error = %failed, "the upstream's WebSocket ended");
            return Ok(());
        }
        tracing::warn!(error = %failed, "the upstream's WebSocket failed");
        Err(match failed {
            UpstreamError::TooLarge(_) => Close::TooLarge,
            _ => Close::BadGateway,
        })
    }

    /// Sends a message to the service, whose socket is opened first.
    async fn send_to_service(&mut self, message: String) -> Result<(), Close> {
        match &mut self.service {
            Service::Open(socket) => {
                let limit = self.config.socket_write_timeout;
                let sending = timeout(limit, socket.send(message.into()));
                let sent = unless_over(&mut self.life, &mut self.has_lost_role, sending).await?;
                let sent = sent.unwrap_or(Err(UpstreamError::Silence));
                sent.or_else(|failed| self.lose_service(&failed))
            }
            Service::Opening { waiting, .. } => {
                waiting.push(message);
                Ok(())
            }
            // There is nothing that could be completed.
            Service::None if self.running.is_empty() => Ok(()),
            Service::None => {
                self.service = Service::Opening {
                    waiting: vec![message],
                    opening: self.open(),
                };
                if let Some(upstream) = self.http.executor.upstream() {
                    let lifetime = upstream.config().socket_token_lifetime;
                    self.life.begin_lease(lifetime);
                }
                Ok(())
            }
        }
    }

    /// Opens a socket toward the service, for the user as last read.
    fn open(&self) -> Opening {
        let (http, context) = (Arc::clone(&self.http), Arc::clone(&self.context));
        let params = Arc::clone(&self.params);
        let authenticated = self.life.authenticated().cloned();
        Box::pin(async move {
            let Some(upstream) = http.executor.upstream() else {
                return Err(UpstreamError::Request("there is no upstream".to_owned()).into());
            };
            upstream
                .open_socket(&context, authenticated.as_ref(), &params)
                .await
        })
    }

    /// Sends the errors of an operation to the client.
    async fn refuse(&mut self, id: &str, errors: &[ServerError]) -> Result<(), Close> {
        let message = write("error", Some(id), Some(errors));
        self.send_to_client(message.ok_or(Close::Internal)?).await
    }

    async fn send_to_client(&mut self, message: String) -> Result<(), Close> {
        let sending = self.client.send(message);
        unless_over(&mut self.life, &mut self.has_lost_role, sending).await?
    }
}

/// Returns a result without `extensions.identity`: clients trust it to be ours.
fn without_identity(payload: &RawValue) -> Option<Box<RawValue>> {
    let mut splicer = Splicer::new(None);
    let bytes = splicer.push(payload.get().as_bytes()).ok()?;
    splicer.finish().ok()?;
    RawValue::from_string(String::from_utf8(bytes).ok()?).ok()
}

fn forbidden() -> ServerError {
    error(ErrorCode::Forbidden, "You may not do this")
}

/// Waits for a message to be sent, unless the socket's life is over meanwhile: a peer that does not read must not keep a
/// socket open after its session.
async fn unless_over<T>(
    life: &mut Life,
    has_lost_role: &mut bool,
    sending: impl Future<Output = T>,
) -> Result<T, Close> {
    tokio::pin!(sending);
    loop {
        let event = tokio::select! {
            biased;
            sent = &mut sending => return Ok(sent),
            event = life.event() => event,
        };
        match event {
            LifeEvent::RoleLost => *has_lost_role = true,
            LifeEvent::SessionEnded => return Err(Close::Forbidden),
            LifeEvent::SessionUnknown => return Err(Close::Unavailable),
            LifeEvent::Restart => return Err(Close::Restart),
        }
    }
}
