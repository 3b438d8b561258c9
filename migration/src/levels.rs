//! Schema levels: with them, nodes of two versions can share a database during an upgrade.
//!
//! Each migration increments the level, and defines the lowest level of a program that may serve the database after it.
//! The program writes both to the table `schema_levels`, where older programs read them.

/// The schema level of this program: that of its last migration.
pub const LEVEL: i32 = 2;

/// The migration that creates the table `schema_levels`. Databases without it have level 0.
pub const FIRST: &str = "m20261126_000301_create_schema_levels";

/// The level of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaLevel {
    /// The migration's name.
    pub migration: &'static str,
    /// The database's level after the migration: one higher than before.
    pub level: i32,
    /// The lowest level of a program that may serve the database after the migration.
    pub min_level: i32,
}

/// All levels, lowest first. An entry never changes after its release.
pub const LEVELS: &[SchemaLevel] = &[
    SchemaLevel {
        migration: FIRST,
        level: 1,
        min_level: 1,
    },
    SchemaLevel {
        migration: "m20261127_000401_create_signing_keys",
        level: 2,
        min_level: 1,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Migrator, MigratorTrait};

    #[test]
    fn each_migration_raises_the_level_by_one_and_names_the_lowest_that_may_serve() {
        let all = Migrator::migrations();
        let names = all.iter().map(|migration| migration.name());
        let since: Vec<_> = names.skip_while(|name| *name != FIRST).collect();
        let levels: Vec<_> = LEVELS.iter().map(|level| level.migration).collect();
        assert_eq!(since, levels, "LEVELS has one entry for each migration");
        for (before, level) in (0..).zip(LEVELS) {
            assert_eq!(level.level, before + 1, "{level:?}");
            assert!(level.min_level <= level.level, "{level:?}");
        }
        assert!(LEVELS.is_sorted_by_key(|level| level.min_level));
        assert_eq!(LEVELS.last().map(|level| level.level), Some(LEVEL));
    }
}
