//! The databases: connecting, migrations, and what happens when they fail.

mod abandoned_requests;
mod migrations;
mod old_database;
mod ownership;
mod pgbouncer;
mod read_only;
mod rights;
mod schema_levels;
mod search_path;
mod urls;
