//! A person as commands show them: a table for people, one JSON object a line for programs.

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

/// A person for programs, named as the schema names things.
pub fn json(user: &User) -> Value {
    json!({
        "id": user.id.to_string(),
        "username": user.username,
        "createdAt": user.created_at.to_rfc3339(),
        "disabledAt": user.disabled_at.map(|at| at.to_rfc3339()),
        "roles": user.roles.iter().collect::<Vec<_>>(),
    })
}

/// Says what was done, and to whom: a sentence for people, the person as they are now for programs.
pub fn tell(user: &User, as_json: bool, done: &str) {
    if as_json {
        print::line(&json(user).to_string());
    } else {
        print::line(&format!("{} {done}", user.username));
    }
}

/// A moment for people.
pub fn moment(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// A table with lines where a person looks, and without where a program reads.
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

/// Warns when the last administrator went with this change. The operator may do it, and mend it.
pub async fn warn_of_no_admin(auth: &Auth, before: &User) -> Result<(), CliError> {
    let mattered = before.roles.is_admin() && before.disabled_at.is_none();
    if mattered && !auth.has_admin().await.map_err(other)? {
        print::warning(
            "nobody is left with the role admin: gatelodge user roles NAME --add admin gives it",
        );
    }
    Ok(())
}

/// Who acts in all these commands.
pub const OPERATOR: Actor<'static> = Actor::OPERATOR;
