//! `gatelodge user …`: commands for operators to manage users, one per file.
//!
//! They follow the rules of `auth` and use the gateway's database. The gateway may be running.

use clap::Subcommand;

use super::CliError;

mod add;
pub mod args;
mod delete;
mod disable;
mod enable;
mod events;
mod list;
pub(crate) mod open;
pub(crate) mod print_user;
mod revoke_sessions;
mod roles;
mod set_password;
mod show;
pub mod transfer;
mod unlock;

/// The commands on users.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user, by the same rules as registration
    Add(add::Add),
    /// List users, newest first
    List(list::List),
    /// Show a user
    Show(args::user::UserArgs),
    /// Show a user's security events, newest first
    Events(args::user::UserArgs),
    /// Disable a user and end all their sessions
    Disable(args::user::UserArgs),
    /// Enable a disabled user
    Enable(args::user::UserArgs),
    /// Permanently delete a user and all their data
    Delete(args::user::UserArgs),
    /// Set a new password for a user and end all their sessions
    SetPassword(set_password::SetPassword),
    /// End all sessions of a user, or with --all of all users
    RevokeSessions(revoke_sessions::RevokeSessions),
    /// Show and change a user's roles
    Roles(roles::ChangeRoles),
    /// Import users from another system; a second run continues an interrupted import
    Import(Box<transfer::import::ImportArguments>),
    /// Export all users in a format that import reads
    Export(transfer::export::ExportArguments),
    /// Reset a user's failed logins, so that they can log in without waiting
    Unlock(args::user::UserArgs),
}

/// Runs a command.
pub fn run(command: UserCommand) -> Result<(), CliError> {
    match command {
        UserCommand::Add(add) => add::run(add),
        UserCommand::List(list) => list::run(list),
        UserCommand::Show(args) => show::run(args),
        UserCommand::Events(args) => events::run(args),
        UserCommand::Disable(args) => disable::run(args),
        UserCommand::Enable(args) => enable::run(args),
        UserCommand::Delete(args) => delete::run(args),
        UserCommand::SetPassword(set) => set_password::run(set),
        UserCommand::RevokeSessions(revoke) => revoke_sessions::run(revoke),
        UserCommand::Roles(change) => roles::run(change),
        UserCommand::Import(arguments) => transfer::import::run(*arguments),
        UserCommand::Export(arguments) => transfer::export::run(arguments),
        UserCommand::Unlock(args) => unlock::run(args),
    }
}
