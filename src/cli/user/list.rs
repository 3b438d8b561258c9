//! `gatelodge user list`.

use clap::Args;

use super::{
    args::settings::Settings,
    open::open,
    print_user::{self, OPERATOR, moment},
};
use crate::{
    auth::admin::find_users::UserFilter,
    cli::{CliError, other, print},
    domain::{role::Role, user::User, username::Username},
};

/// People fetched, and printed, at once: a list of millions takes no memory.
const PAGE: u64 = 500;

/// Which people are listed.
#[derive(Args, Debug)]
pub struct List {
    /// Those whose names begin so, in any spelling
    #[arg(long, value_name = "BEGINNING", value_parser = |text: &str| Username::parse(text))]
    search: Option<Username>,

    /// Those who have a role
    #[arg(long)]
    role: Option<Role>,

    /// Those who are disabled
    #[arg(long)]
    disabled: bool,

    /// Print one JSON object a line, for programs
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Box<Settings>,
}

/// Lists people.
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
            if page.is_empty() || !show(&page, list.json, after.is_none()) {
                return Ok(());
            }
            after = page.last().map(|user| user.id);
        }
    })
}

/// Prints a page; tells whether anybody still reads.
fn show(page: &[User], as_json: bool, is_first: bool) -> bool {
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
            moment(user.created_at),
            user.disabled_at.map(moment).unwrap_or_default(),
            user.roles.to_string(),
            user.username.clone(),
        ]
    }));
    print::is_read(&table.trim_fmt())
}
