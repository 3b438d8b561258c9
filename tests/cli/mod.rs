//! The program on the command line, and its settings.

mod keys;
mod names_like_ids;
mod program;
mod secret_files;
mod user;
mod wrong_settings;
