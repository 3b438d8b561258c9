//! Middleware. Each file holds one layer.

pub(crate) mod admin_hosts;
pub(crate) mod client_address;
pub(crate) mod cors;
pub(crate) mod csrf;
pub(crate) mod host;
pub(crate) mod origin;
pub(crate) mod request_id;
pub(crate) mod security_headers;
pub(crate) mod trace;
