//! `gatelodge user events NAME`.

use serde_json::json;

use super::{
    args::user::{FoundUser, UserArgs, with_user},
    print_user::{self, OPERATOR, timestamp},
};
use crate::{
    cli::{CliError, other, print},
    domain::{client::UserAgent, security_event::SecurityEvent},
};

/// The number of events that are fetched and printed at once.
const PAGE: u64 = 500;

/// Prints a user's security events, newest first.
pub fn run(args: UserArgs) -> Result<(), CliError> {
    with_user(args, async |auth, FoundUser { user, json, .. }| {
        let mut after = None;
        loop {
            let page = auth.events(&OPERATOR, user.id, after, PAGE);
            let page = page.await.map_err(other)?;
            if page.is_empty() || !print_page(&page, json, after.is_none()) {
                return Ok(());
            }
            after = page.last().map(|event| event.id);
        }
    })
}

/// Prints a page. Returns whether the output is still read.
fn print_page(page: &[SecurityEvent], as_json: bool, is_first: bool) -> bool {
    if as_json {
        return page.iter().all(|event| print::is_read(&json_line(event)));
    }
    let mut table = print_user::table();
    if is_first {
        table.set_header(["when", "what", "from", "by", "with"]);
    }
    table.add_rows(page.iter().map(|event| {
        let address = event.client.address.map(|address| address.to_string());
        let agent = event.client.user_agent.as_ref();
        let device = agent.map(|agent| {
            let name = agent.device_name();
            name.unwrap_or_else(|| agent.as_str().to_owned())
        });
        [
            timestamp(event.created_at),
            event.kind.as_str().replace('_', " "),
            address.unwrap_or_default(),
            event
                .actor
                .map(|actor| actor.to_string())
                .unwrap_or_default(),
            device.unwrap_or_default(),
        ]
    }));
    print::is_read(&table.trim_fmt())
}

/// Returns an event as JSON, with the names of the GraphQL schema.
fn json_line(event: &SecurityEvent) -> String {
    let client = &event.client;
    json!({
        "id": event.id.to_string(),
        "kind": event.kind.as_str().to_ascii_uppercase(),
        "createdAt": event.created_at.to_rfc3339(),
        "clientAddress": client.address.map(|address| address.to_string()),
        "userAgent": client.user_agent.as_ref().map(UserAgent::as_str),
        "actorId": event.actor.map(|actor| actor.to_string()),
    })
    .to_string()
}
