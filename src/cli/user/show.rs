//! `gatelodge user show NAME`.

use super::{
    args::user::{UserArgs, find},
    open::open,
    print_user::{self, OPERATOR, moment},
};
use crate::cli::{CliError, other, print};

/// Shows a person.
pub fn run(
    UserArgs {
        name,
        json,
        settings,
    }: UserArgs,
) -> Result<(), CliError> {
    open(*settings, async |auth| {
        let user = find(auth, &name).await?;
        let sessions = auth
            .count_sessions(&OPERATOR, user.id)
            .await
            .map_err(other)?;
        let imported = auth.imported(&OPERATOR, user.id).await.map_err(other)?;
        let here = auth.last_login(&OPERATOR, user.id).await.map_err(other)?;
        // A login before the import counts until there is one here.
        let last_login = here.or(imported.last_login);
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
            ["username", &user.username],
            ["id", &user.id.to_string()],
            ["roles", &user.roles.to_string()],
            ["created", &moment(user.created_at)],
            [
                "disabled",
                &user.disabled_at.map_or("no".to_owned(), moment),
            ],
            ["sessions", &sessions.to_string()],
            ["last login", &last_login.map(moment).unwrap_or_default()],
            [
                "external id",
                imported.external_id.as_deref().unwrap_or_default(),
            ],
        ]);
        print::line(&table.trim_fmt());
        Ok(())
    })
}
