//! The connector of outgoing HTTP requests, for all clients in this program.

use std::{error::Error, time::Duration};

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;

/// Connects by http and https.
pub(crate) type Connector = HttpsConnector<HttpConnector>;

/// Creates a connector for HTTP/1.1. Servers' certificates must lead to a root of Mozilla's list.
///
/// The time-out is divided among the addresses of a name. It does not include the TLS handshake.
pub(crate) fn connector(timeout: Option<Duration>) -> Result<Connector, rustls::Error> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_connect_timeout(timeout);
    // A request is written at once: it must not wait for the acknowledgement of the one before.
    tcp.set_nodelay(true);
    // The provider is explicit: with a second one in the dependencies, the default would panic.
    let builder = HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())?;
    Ok(builder.https_or_http().enable_http1().wrap_connector(tcp))
}

/// Returns the innermost cause of a failed request. The outer errors of hyper only say "client error".
pub(crate) fn cause(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
