//! The gate: forward-auth for reverse proxies, and the public documents that verify identity tokens.

mod answer;
pub(crate) mod forward_auth;
mod identity_headers;
mod login_redirect;
mod original_request;
mod policy;
mod proxy_advice;
pub(crate) mod public_documents;
