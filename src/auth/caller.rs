//! Who calls, as far as can be told before they say it: their browser's tokens, and where they are.

use std::net::IpAddr;

use crate::domain::{
    client::{Client, UserAgent},
    device::Device,
    token::SessionTokenHash,
};

/// One request's caller.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    /// The session that their browser shows, live or not; a new one takes its place.
    pub session: Option<&'a SessionTokenHash>,
    /// The device cookie that their browser shows.
    pub device: Option<&'a Device>,
    /// Their address.
    pub source: IpAddr,
    /// What they call themselves.
    pub user_agent: Option<&'a UserAgent>,
}

impl Caller<'_> {
    /// What is kept of them in sessions and security events.
    pub fn client(&self) -> Client {
        Client {
            address: Some(self.source),
            user_agent: self.user_agent.cloned(),
        }
    }
}
