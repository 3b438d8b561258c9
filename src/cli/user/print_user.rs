//! Prints users: as text for operators, and as one JSON object per line for programs.

use std::io::{IsTerminal, stdout};

use comfy_table::{
    Table,
    presets::{NOTHING, UTF8_HORIZONTAL_ONLY},
};
use serde_json::{Value, json};

use crate::{
    auth::{Auth, admin::actor::Actor},
    cli::{CliError, other, print},
    domain::{clock::Timestamp, user::User},
};

/// Returns a user as JSON, with the names of the GraphQL schema.
pub fn json(user: &User) -> Value {
    json!({
        "id": user.id.to_string(),
        "username": user.username.as_typed(),
        "createdAt": user.created_at.to_rfc3339(),
        "disabledAt": user.disabled_at.map(|at| at.to_rfc3339()),
        "roles": user.roles.iter().collect::<Vec<_>>(),
    })
}

/// Prints what was done to a user: a sentence, or the user as JSON.
pub fn print(user: &User, as_json: bool, done: &str) {
    if as_json {
        print::line(&json(user).to_string());
    } else {
        print::line(&format!("{} {done}", user.username));
    }
}

/// Formats a timestamp for operators.
pub fn timestamp(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// Creates a table. It has lines on a terminal, and none elsewhere.
pub fn table() -> Table {
    let mut table = Table::new();
    let is_terminal = stdout().is_terminal();
    table.load_style(if is_terminal {
        UTF8_HORIZONTAL_ONLY
    } else {
        NOTHING
    });
    table
}

/// Warns if this change removed the last administrator. The operator may do that, and can correct it.
pub async fn warn_of_no_admin(auth: &Auth, before: &User) -> Result<(), CliError> {
    let was_active_admin = before.roles.is_admin() && before.disabled_at.is_none();
    if was_active_admin && !auth.has_admin().await.map_err(other)? {
        print::warning(
            "no administrator is left. Run `gatelodge user roles NAME --add admin` to make a user an administrator",
        );
    }
    Ok(())
}

/// The actor of all user commands.
pub const OPERATOR: Actor<'static> = Actor::OPERATOR;
