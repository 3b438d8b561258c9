//! Gatelodge's migrations, oldest first. Each file holds one change, up and down, with table names as strings.
//!
//! MySQL commits each schema change separately, so a migration can be interrupted between its change and its record.
//! Every `up` and `down` therefore checks first whether its change is already made.
//!
//! Each migration has an entry in [`levels`], and lists what it creates in [`objects`]. CONTRIBUTING.md has the steps.

use sea_orm_migration::{MigrationTrait, async_trait};
pub use sea_orm_migration::{MigratorTrait, migrator::MigrationStatus};

mod m20261123_000001_create_users;
mod m20261123_000002_create_sessions;
mod m20261123_000003_index_sessions_by_user;
mod m20261123_000004_index_sessions_by_absolute_end;
mod m20261123_000005_index_sessions_by_last_use;
mod m20261123_000006_create_throttles;
mod m20261123_000007_create_secrets;
mod m20261123_000008_index_throttles_by_last_use;
mod m20261124_000009_add_user_roles;
mod m20261124_000010_add_user_disabled_at;
mod m20261124_000011_add_user_password_version;
mod m20261124_000012_add_session_persistent;
mod m20261124_000013_add_session_client_address;
mod m20261124_000014_add_session_user_agent;
mod m20261124_000015_create_security_events;
mod m20261124_000016_index_security_events_by_user;
mod m20261124_000017_index_security_events_by_time;
mod m20261124_000101_create_imported_people;
mod m20261124_000102_create_foreign_hashes;
mod m20261124_000103_index_foreign_hashes_by_cost;
mod m20261124_000201_add_user_is_admin;
mod m20261124_000202_index_users_by_is_admin;
mod m20261124_000203_index_users_by_beginning;
mod m20261126_000301_create_schema_levels;
mod m20261127_000401_create_signing_keys;
mod parts;

pub mod levels;
pub mod objects;

/// Gatelodge's migrations, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_create_users::Migration),
            Box::new(m20261123_000002_create_sessions::Migration),
            Box::new(m20261123_000003_index_sessions_by_user::Migration),
            Box::new(m20261123_000004_index_sessions_by_absolute_end::Migration),
            Box::new(m20261123_000005_index_sessions_by_last_use::Migration),
            Box::new(m20261123_000006_create_throttles::Migration),
            Box::new(m20261123_000007_create_secrets::Migration),
            Box::new(m20261123_000008_index_throttles_by_last_use::Migration),
            Box::new(m20261124_000009_add_user_roles::Migration),
            Box::new(m20261124_000010_add_user_disabled_at::Migration),
            Box::new(m20261124_000011_add_user_password_version::Migration),
            Box::new(m20261124_000012_add_session_persistent::Migration),
            Box::new(m20261124_000013_add_session_client_address::Migration),
            Box::new(m20261124_000014_add_session_user_agent::Migration),
            Box::new(m20261124_000015_create_security_events::Migration),
            Box::new(m20261124_000016_index_security_events_by_user::Migration),
            Box::new(m20261124_000017_index_security_events_by_time::Migration),
            Box::new(m20261124_000101_create_imported_people::Migration),
            Box::new(m20261124_000102_create_foreign_hashes::Migration),
            Box::new(m20261124_000103_index_foreign_hashes_by_cost::Migration),
            Box::new(m20261124_000201_add_user_is_admin::Migration),
            Box::new(m20261124_000202_index_users_by_is_admin::Migration),
            Box::new(m20261124_000203_index_users_by_beginning::Migration),
            Box::new(m20261126_000301_create_schema_levels::Migration),
            Box::new(m20261127_000401_create_signing_keys::Migration),
        ]
    }
}
