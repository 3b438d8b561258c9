//! The program on the command line, and its settings.

mod config;
mod doctor;
mod doctor_forward_auth;
mod doctor_proxy;
mod hidden_secrets;
mod keys;
mod names_like_ids;
mod program;
mod schema;
mod secret_files;
mod settings_file;
mod settings_file_errors;
mod upstream_settings;
mod user;
mod wrong_settings;
