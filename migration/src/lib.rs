//! Gatelodge's migrations, oldest first: one change a file, up and down, tables named by strings.
//!
//! MySQL commits each change of a table by itself, so a migration may be cut off between its change and its
//! record. Every `up` and `down` therefore asks first whether its one change is already there.

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
mod parts;

/// Gatelodge's migrations in the order in which they apply.
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
        ]
    }
}
