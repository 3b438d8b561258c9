//! `gatelodge user …`: people, for who runs the deployment; one command a file.
//!
//! The rules are those of `auth`, over the database that the gateway uses, which may be running meanwhile.

use clap::Subcommand;

use super::CliError;

mod add;
pub mod args;
mod delete;
mod disable;
mod enable;
mod events;
mod list;
mod open;
pub(crate) mod print_user;
mod revoke_sessions;
mod roles;
mod set_password;
mod show;
pub mod transfer;
mod unlock;

/// What is done with people.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a person, by the rules of those who register
    Add(add::Add),
    /// List people, the newest first
    List(list::List),
    /// Show a person
    Show(args::user::UserArgs),
    /// Show a person's security events, the newest first
    Events(args::user::UserArgs),
    /// Keep a person from logging in, and end their sessions
    Disable(args::user::UserArgs),
    /// Let a person log in again
    Enable(args::user::UserArgs),
    /// Delete a person and everything of theirs, for good
    Delete(args::user::UserArgs),
    /// Give a person another password, and end their sessions
    SetPassword(set_password::SetPassword),
    /// End a person's sessions, or with --all everybody's
    RevokeSessions(revoke_sessions::RevokeSessions),
    /// Show and change a person's roles
    Roles(roles::ChangeRoles),
    /// Move people in from elsewhere: run again, it goes on where it was cut off
    Import(Box<transfer::import::ImportArguments>),
    /// Write everybody who is here, as import reads it
    Export(transfer::export::ExportArguments),
    /// Forgive the failed logins for which a person must wait
    Unlock(args::user::UserArgs),
}

/// Runs one.
pub fn run(command: UserCommand) -> Result<(), CliError> {
    match command {
        UserCommand::Add(add) => add::run(add),
        UserCommand::List(list) => list::run(list),
        UserCommand::Show(whom) => show::run(whom),
        UserCommand::Events(whom) => events::run(whom),
        UserCommand::Disable(whom) => disable::run(whom),
        UserCommand::Enable(whom) => enable::run(whom),
        UserCommand::Delete(whom) => delete::run(whom),
        UserCommand::SetPassword(set) => set_password::run(set),
        UserCommand::RevokeSessions(revoke) => revoke_sessions::run(revoke),
        UserCommand::Roles(change) => roles::run(change),
        UserCommand::Import(arguments) => transfer::import::run(*arguments),
        UserCommand::Export(arguments) => transfer::export::run(arguments),
        UserCommand::Unlock(whom) => unlock::run(whom),
    }
}
