//! `gatelodge user list`.

use clap::Args;

use super::{
    open::open,
    print_user::{self, OPERATOR, timestamp},
};
use crate::{
    auth::admin::find_users::UserFilter,
    cli::{CliError, other, print, settings::Settings},
    domain::{role::Role, user::User, username::Username},
};

/// The number of users that are fetched and printed at once, so that a list of millions needs little memory.
const PAGE: u64 = 500;

/// The arguments of `gatelodge user list`.
#[derive(Args, Debug)]
pub struct List {
    /// Only users whose names begin with this, in upper or lower case
    #[arg(long, value_name = "BEGINNING", value_parser = |text: &str| Username::parse(text))]
    search: Option<Username>,

    /// Only users with this role
    #[arg(long)]
    role: Option<Role>,

    /// Only disabled users
    #[arg(long)]
    disabled: bool,

    /// Print one JSON object per line, for programs
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Box<Settings>,
}

/// Lists users, newest first.
pub fn run(list: List) -> Result<(), CliError> {
    let filter = UserFilter {
        begins: list.search,
        role: list.role,
        disabled: list.disabled,
    };
    open(*list.settings, async |auth| {
        let mut after = None;
        loop {
            let page = auth.users(&OPERATOR, &filter, after, PAGE);
            let page = page.await.map_err(other)?;
            if page.is_empty() || !print_page(&page, list.json, after.is_none()) {
                return Ok(());
            }
            after = page.last().map(|user| user.id);
        }
    })
}

/// Prints a page. Returns whether the output is still read.
fn print_page(page: &[User], as_json: bool, is_first: bool) -> bool {
    if as_json {
        return page
            .iter()
            .all(|user| print::is_read(&print_user::json(user).to_string()));
    }
    let mut table = print_user::table();
    if is_first {
        table.set_header(["id", "created", "disabled", "roles", "username"]);
    }
    table.add_rows(page.iter().map(|user| {
        [
            user.id.to_string(),
            timestamp(user.created_at),
            user.disabled_at.map(timestamp).unwrap_or_default(),
            user.roles.to_string(),
            user.username.to_string(),
        ]
    }));
    print::is_read(&table.trim_fmt())
}
