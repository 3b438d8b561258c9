//! The schema: the database's migrations, its owner, and whether this program may serve it.

use migration::{Migrator, MigratorTrait, levels::LEVEL};
use sea_orm::{ConnectionTrait, DbBackend};

mod catalog;
mod error;
mod levels;
mod ownership;

pub(super) use catalog::{RECORDS, applied};
pub use error::SchemaError;
pub(super) use levels::{delete_unapplied, write_missing};

use super::{Store, StoreError, entity::schema_level::Model, rights};

/// This program's version.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A migration's name, and whether it has been applied.
pub type Step = (String, bool);

/// A migration that only newer programs have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewerStep {
    /// The migration's name.
    pub name: String,
    /// The database's schema level after it.
    pub level: i32,
    /// The version of Gatelodge that applied it.
    pub version: String,
}

/// The schema of a database that is empty or belongs to Gatelodge.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// This program's migrations, in order.
    pub steps: Vec<Step>,
    /// Applied migrations that this program does not have, lowest level first.
    pub newer: Vec<NewerStep>,
    pub(super) levels: Vec<Model>,
    pub(super) applied: Vec<String>,
    /// The schema in which PostgreSQL creates tables, if it was read.
    current: Option<String>,
    /// A table in a later schema of `search_path`. PostgreSQL would use it while Gatelodge's own table is missing.
    later: Option<(String, String)>,
}

impl Store {
    /// Reads the schema without changing it. Returns [`StoreError::Schema`] if another application uses the database.
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        super::error::bounded_store(Box::pin(Schema::read(&self.read))).await
    }

    /// Checks the schema without changing it. Migrations may be missing. The database must be empty or belong to
    /// Gatelodge, and must not be too new.
    pub async fn check_schema(&self) -> Result<(), StoreError> {
        let schema = self.schema().await?;
        if let Some((schema, table)) = schema.later {
            return Err(SchemaError::OtherSchema { schema, table }.into());
        }
        Ok(schema.check()?)
    }
}

impl Schema {
    /// Reads a database's schema.
    pub(super) async fn read(db: &impl ConnectionTrait) -> Result<Self, StoreError> {
        let applied = applied(db).await?;
        let levels = levels::read(db, &applied).await?;
        let steps: Vec<_> = Migrator::migrations()
            .iter()
            .map(|step| {
                (
                    step.name().to_owned(),
                    applied.iter().any(|name| name == step.name()),
                )
            })
            .collect();
        let (mut newer, mut foreign) = (vec![], vec![]);
        for name in &applied {
            if steps.iter().any(|(known, _)| known == name) {
                continue;
            }
            match levels.iter().find(|row| row.migration == *name) {
                Some(row) => newer.push(NewerStep {
                    name: name.clone(),
                    level: row.level,
                    version: row.version.clone(),
                }),
                None => foreign.push(format!(
                    "a migration `{}` in the table `{}` that is not Gatelodge's",
                    name.escape_debug(),
                    RECORDS
                )),
            }
        }
        newer.sort_by_key(|step| step.level);
        let mut schema = Self {
            steps,
            newer,
            levels,
            applied,
            current: None,
            later: None,
        };
        if !foreign.is_empty() || !schema.pending().is_empty() {
            foreign.extend(schema.find_foreign(db).await?);
        }
        if foreign.is_empty() {
            Ok(schema)
        } else {
            let (schema, found) = (schema.current, foreign);
            Err(SchemaError::Foreign { schema, found }.into())
        }
    }

    /// Finds objects of another application that have names which the pending migrations would use.
    async fn find_foreign(&mut self, db: &impl ConnectionTrait) -> Result<Vec<String>, StoreError> {
        let backend = db.get_database_backend();
        if backend == DbBackend::Postgres {
            let current = catalog::current_schema(db).await?;
            if current.is_none() {
                rights::check_usage(db).await?;
            }
            self.current = Some(current.ok_or(SchemaError::NoSchema)?);
        }
        let catalog = catalog::Catalog::read(db).await?;
        let is_applied = |name: &str| self.applied.iter().any(|applied| applied == name);
        let found = ownership::foreign(&catalog, is_applied, backend);
        self.later = catalog.later.into_iter().find(|(_, table)| {
            let mut objects = catalog.objects.iter();
            table != RECORDS && !objects.any(|object| object.name == *table)
        });
        Ok(found)
    }

    /// Returns the migrations of this program that have not been applied.
    pub fn pending(&self) -> Vec<String> {
        let pending = self.steps.iter().filter(|(_, applied)| !applied);
        pending.map(|(name, _)| name.clone()).collect()
    }

    /// Returns the database's schema level, or 0 if it has no recorded levels.
    pub fn level(&self) -> i32 {
        self.levels.last().map_or(0, |row| row.level)
    }

    /// Returns the lowest level of a program that may serve the database.
    pub fn min_level(&self) -> i32 {
        let levels = self.levels.iter().map(|row| row.min_level);
        levels.max().unwrap_or_default()
    }

    /// Returns the version of Gatelodge that migrated the database to its level.
    pub fn version(&self) -> Option<&str> {
        self.levels.last().map(|row| row.version.as_str())
    }

    /// Checks that this program's level is at least the lowest level that may serve the database.
    pub fn check(&self) -> Result<(), SchemaError> {
        let min_level = self.min_level();
        let Some(newest) = self.levels.last().filter(|_| min_level > LEVEL) else {
            return Ok(());
        };
        let lowest = self.levels.iter().find(|row| row.level >= min_level);
        Err(SchemaError::TooNew {
            level: newest.level,
            version: newest.version.clone(),
            min_level,
            min_version: lowest.unwrap_or(newest).version.clone(),
        })
    }
}
