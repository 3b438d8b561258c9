//! `gatelodge user show NAME`.

use super::{
    args::user::{FoundUser, UserArgs, with_user},
    print_user::{self, OPERATOR, timestamp},
};
use crate::cli::{CliError, other, print};

/// Shows a user.
pub fn run(args: UserArgs) -> Result<(), CliError> {
    with_user(args, async |auth, FoundUser { user, json, .. }| {
        let sessions = auth
            .count_sessions(&OPERATOR, user.id)
            .await
            .map_err(other)?;
        let imported = auth.imported(&OPERATOR, user.id).await.map_err(other)?;
        let last_login = auth.last_login(&OPERATOR, user.id).await.map_err(other)?;
        // Until the first login here, show the last login before the import.
        let last_login = last_login.or(imported.last_login);
        if json {
            let mut shown = print_user::json(&user);
            shown["sessions"] = sessions.into();
            shown["externalId"] = imported.external_id.into();
            shown["lastLogin"] = last_login.map(|at| at.to_rfc3339()).into();
            print::line(&shown.to_string());
            return Ok(());
        }
        let mut table = print_user::table();
        table.add_rows([
            ["username", user.username.as_typed()],
            ["id", &user.id.to_string()],
            ["roles", &user.roles.to_string()],
            ["created", &timestamp(user.created_at)],
            [
                "disabled",
                &user.disabled_at.map_or("no".to_owned(), timestamp),
            ],
            ["sessions", &sessions.to_string()],
            ["last login", &last_login.map(timestamp).unwrap_or_default()],
            [
                "external id",
                imported.external_id.as_deref().unwrap_or_default(),
            ],
        ]);
        print::line(&table.trim_fmt());
        Ok(())
    })
}
