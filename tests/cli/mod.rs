//! The program on the command line, and its settings.

mod names_like_ids;
mod program;
mod secret_files;
mod user_command;
mod user_events_command;
mod wrong_settings;
