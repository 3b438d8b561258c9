//! The columns about the client, in sessions and in security events.

use crate::domain::client::{Client, UserAgent};

/// Returns the value of the column for the address.
pub fn address(client: &Client) -> Option<String> {
    client.address.map(|address| address.to_string())
}

/// Returns the value of the column for the user agent.
pub fn user_agent(client: &Client) -> Option<String> {
    let agent = client.user_agent.as_ref()?;
    Some(agent.as_str().to_owned())
}

/// Reads a client from the columns.
pub fn read(address: Option<String>, user_agent: Option<String>) -> Client {
    Client {
        address: address.and_then(|address| address.parse().ok()),
        user_agent: user_agent.and_then(|agent| UserAgent::parse(&agent)),
    }
}
