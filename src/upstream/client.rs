//! Sends requests to the service, over a pool of connections.

use std::{error::Error, io, net::IpAddr, time::Duration};

use http_body_util::Full;
use hyper::{
    HeaderMap, Request, Response, Uri,
    body::{Bytes, Incoming},
    header::{self, HeaderName, HeaderValue},
    http::Extensions,
};
use hyper_util::{
    client::legacy::{Client, Error as ClientError, connect::capture_connection},
    rt::{TokioExecutor, TokioTimer},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, timeout, timeout_at};

use super::{
    UpstreamBody, UpstreamError, UpstreamResponse, UpstreamSetupError,
    bounds::Bounds,
    connection::{ConnectTimeout, ConnectionState, TimedConnector},
    headers,
};
use crate::{config::upstream::UpstreamConfig, http_client};

/// Maximum bytes of the head of an answer. hyper takes 100 headers at most.
const MAX_HEAD: usize = 64 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

type HttpClient = Client<TimedConnector, Full<Bytes>>;

/// A client of the GraphQL service behind the gate. Clones share the pool.
#[derive(Clone)]
pub struct Upstream {
    pooled: HttpClient,
    /// For a second try: each of its requests has a connection of its own.
    fresh: HttpClient,
    bounds: Bounds,
    pub(super) connector: TimedConnector,
    pub(super) uri: Uri,
    pub(super) max_message: usize,
    pub(super) first_byte: Duration,
    silence: Duration,
    total: Duration,
}

/// A request for the service.
pub struct UpstreamRequest<'r> {
    /// The GraphQL request, in JSON.
    pub body: Bytes,
    /// The identity token, without `Bearer`. A stranger has none.
    pub token: Option<&'r SecretString>,
    /// The client's headers, as they came.
    pub headers: &'r HeaderMap,
    /// The media types that may come back.
    pub accept: HeaderValue,
    /// Whether the request may be sent a second time: only if it changes nothing, so for queries.
    pub may_retry: bool,
    /// The request's id in the log.
    pub request_id: &'r str,
    /// Where the client is. The gate's own requests have none.
    pub forwarded: Option<ForwardedFor<'r>>,
}

/// What the service may know of the client's connection.
#[derive(Clone, Copy, Debug)]
pub struct ForwardedFor<'r> {
    /// The client's address.
    pub address: IpAddr,
    /// The scheme of the public URL.
    pub proto: &'r str,
    /// The host of the public URL, with its port if it has one.
    pub host: &'r str,
}

impl Upstream {
    /// Creates a client. It connects when there is a request.
    pub fn new(config: &UpstreamConfig) -> Result<Self, UpstreamSetupError> {
        let connector = http_client::connector(Some(config.connect_timeout))?;
        let connector = TimedConnector::new(connector, config.connect_timeout);
        let client = |max_idle| {
            Client::builder(TokioExecutor::new())
                // Without a timer, the idle time-out does nothing.
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(config.pool_idle_timeout)
                .pool_max_idle_per_host(max_idle)
                .http1_max_buf_size(MAX_HEAD)
                .build(connector.clone())
        };
        Ok(Self {
            pooled: client(config.max_requests),
            fresh: client(0),
            bounds: Bounds::new(config.max_requests, config.first_byte_timeout),
            connector: connector.clone(),
            max_message: config.socket_message_size,
            uri: config.url.as_str().parse()?,
            first_byte: config.first_byte_timeout,
            silence: config.silence_timeout,
            total: config.timeout,
        })
    }

    /// Sends a request, and returns the answer as soon as its head is there. Dropping the future or the answer ends the
    /// request to the service.
    pub async fn send(
        &self,
        request: UpstreamRequest<'_>,
    ) -> Result<UpstreamResponse, UpstreamError> {
        let permit = self.bounds.request().await?;
        let deadline = Instant::now() + self.total;
        let headers = request.headers()?;
        let answer = timeout_at(deadline, self.exchange(&request, &headers));
        let answer = answer.await.map_err(|_| UpstreamError::Timeout)??;
        UpstreamResponse::new(
            answer.map(|body| UpstreamBody::new(body, permit, self.silence, deadline)),
        )
    }

    /// Sends a request, and a second time where that is allowed and of use.
    ///
    /// A service may close an unused connection while a request is on its way to it. Nobody knows then whether the request
    /// was read, so one that changes something is never sent again. The second try has a new connection: the other
    /// connections of the pool may be closed as well.
    async fn exchange(
        &self,
        request: &UpstreamRequest<'_>,
        headers: &HeaderMap,
    ) -> Result<Response<Incoming>, UpstreamError> {
        match self.attempt(&self.pooled, request, headers).await {
            Err(Failure {
                broke_unanswered: true,
                error,
            }) if request.may_retry => {
                tracing::debug!(%error, "a query is sent again on a new connection");
                let second = self.attempt(&self.fresh, request, headers).await;
                second.map_err(|failure| failure.error)
            }
            result => result.map_err(|failure| failure.error),
        }
    }

    async fn attempt(
        &self,
        client: &HttpClient,
        request: &UpstreamRequest<'_>,
        headers: &HeaderMap,
    ) -> Result<Response<Incoming>, Failure> {
        let mut message = Request::post(self.uri.clone())
            .body(Full::new(request.body.clone()))
            .map_err(|error| UpstreamError::Request(error.to_string()))?;
        *message.headers_mut() = headers.clone();
        let mut connection = capture_connection(&mut message);
        let mut answer = client.request(message);
        // The connector has its own time-out. The wait for the first byte begins when there is a connection.
        let early = tokio::select! {
            biased;
            answer = &mut answer => Some(answer),
            _ = connection.wait_for_connection_metadata() => None,
        };
        let answer = match early {
            Some(answer) => answer,
            None => timeout(self.first_byte, answer)
                .await
                .map_err(|_| UpstreamError::FirstByteTimeout)?,
        };
        let answer = answer.map_err(|error| Failure::of(&error))?;
        if let Some(state) = answer.extensions().get::<ConnectionState>() {
            state.note_answer();
        }
        Ok(answer)
    }
}

impl UpstreamRequest<'_> {
    /// Returns the headers that the service gets: the client's as far as they may pass, and then ours.
    fn headers(&self) -> Result<HeaderMap, UpstreamError> {
        let mut headers = headers::upward(self.headers);
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        headers.insert(header::ACCEPT, self.accept.clone());
        let forwarded = self.forwarded.as_ref();
        own_headers(&mut headers, self.token, self.request_id, forwarded)?;
        Ok(headers)
    }
}

/// Adds the headers that only the gate may set.
pub(super) fn own_headers(
    headers: &mut HeaderMap,
    token: Option<&SecretString>,
    request_id: &str,
    forwarded: Option<&ForwardedFor<'_>>,
) -> Result<(), UpstreamError> {
    let value = |text: &str| {
        HeaderValue::from_str(text).map_err(|error| UpstreamError::Request(error.to_string()))
    };
    headers.insert(REQUEST_ID, value(request_id)?);
    if let Some(token) = token {
        let mut bearer = value(&format!("Bearer {}", token.expose_secret()))?;
        bearer.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, bearer);
    }
    if let Some(forwarded) = forwarded {
        headers.insert(FORWARDED_FOR, value(&forwarded.address.to_string())?);
        headers.insert(FORWARDED_PROTO, value(forwarded.proto)?);
        headers.insert(FORWARDED_HOST, value(forwarded.host)?);
    }
    Ok(())
}

/// A request that failed before the head of an answer was there.
struct Failure {
    error: UpstreamError,
    /// Whether a reused connection broke before any byte of an answer.
    broke_unanswered: bool,
}

impl From<UpstreamError> for Failure {
    fn from(error: UpstreamError) -> Self {
        Self {
            error,
            broke_unanswered: false,
        }
    }
}

impl Failure {
    fn of(error: &ClientError) -> Self {
        if error.is_connect() {
            return if is_connect_timeout(error) {
                UpstreamError::ConnectTimeout.into()
            } else {
                UpstreamError::Unreachable(http_client::cause(error)).into()
            };
        }
        let mut extensions = Extensions::new();
        if let Some(connection) = error.connect_info() {
            connection.get_extras(&mut extensions);
        }
        let state = extensions.get::<ConnectionState>();
        Self {
            error: broken(error),
            broke_unanswered: state.is_some_and(ConnectionState::broke_unanswered),
        }
    }
}

/// Returns the error of a connection that broke.
pub(super) fn broken(error: &(dyn Error + 'static)) -> UpstreamError {
    UpstreamError::Broken(http_client::cause(error))
}

/// Returns whether no connection was there in time. The connector of TCP divides the time among a name's addresses, and has
/// an error of its own.
fn is_connect_timeout(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let io = error.downcast_ref::<io::Error>();
        if error.is::<ConnectTimeout>()
            || io.is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
        {
            return true;
        }
        cause = error.source();
    }
    false
}
