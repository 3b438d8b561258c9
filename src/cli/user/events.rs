//! `gatelodge user events NAME`.

use serde_json::json;

use super::{
    args::user::{UserArgs, find},
    open::open,
    print_user::{self, OPERATOR, moment},
};
use crate::{
    cli::{CliError, other, print},
    domain::{client::UserAgent, security_event::SecurityEvent},
};

/// Events that are fetched and printed at once.
const PAGE: u64 = 500;

/// Prints a user's security events, the newest first.
pub fn run(
    UserArgs {
        name,
        json,
        settings,
    }: UserArgs,
) -> Result<(), CliError> {
    open(*settings, async |auth| {
        let user = find(auth, &name).await?;
        let mut after = None;
        loop {
            let page = auth.events(&OPERATOR, user.id, after, PAGE);
            let page = page.await.map_err(other)?;
            if page.is_empty() || !show(&page, json, after.is_none()) {
                return Ok(());
            }
            after = page.last().map(|event| event.id);
        }
    })
}

/// Prints a page; returns whether anybody still reads.
fn show(page: &[SecurityEvent], as_json: bool, is_first: bool) -> bool {
    if as_json {
        return page.iter().all(|event| print::is_read(&line(event)));
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
            moment(event.created_at),
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

/// An event for programs, named as the schema names things.
fn line(event: &SecurityEvent) -> String {
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
