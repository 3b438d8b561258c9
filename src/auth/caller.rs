//! The client of one request: its address, its user agent, and the tokens of its browser.

use std::net::IpAddr;

use crate::domain::{
    client::{Client, UserAgent},
    device::Device,
    token::SessionTokenHash,
};

/// The client of one request.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    /// The token hash of the browser's session, live or ended. A new session replaces it.
    pub session: Option<&'a SessionTokenHash>,
    /// The browser's device cookie.
    pub device: Option<&'a Device>,
    /// The client's IP address.
    pub source: IpAddr,
    /// The client's user agent.
    pub user_agent: Option<&'a UserAgent>,
}

impl Caller<'_> {
    /// Returns what sessions and security events store about the client.
    pub fn client(&self) -> Client {
        Client {
            address: Some(self.source),
            user_agent: self.user_agent.cloned(),
        }
    }
}
