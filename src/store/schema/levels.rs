//! The table `schema_levels`: the level of each migration, and the lowest level of a program that may serve the database.

use migration::levels::{FIRST, LEVELS};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, QueryOrder};

use super::VERSION;
use crate::store::entity::schema_level::{ActiveModel, Column, Entity, Model};

/// Reads the levels, lowest first. A database without the table has no levels.
pub(super) async fn read(
    db: &impl ConnectionTrait,
    applied: &[String],
) -> Result<Vec<Model>, DbErr> {
    if !applied.iter().any(|name| name == FIRST) {
        return Ok(vec![]);
    }
    Entity::find().order_by_asc(Column::Level).all(db).await
}

/// Writes the missing levels. This runs before the migrations, so that a node of an earlier version can look up the
/// level of every migration that it finds.
pub(in crate::store) async fn write_missing(
    db: &impl ConnectionTrait,
    present: &[Model],
) -> Result<(), DbErr> {
    for level in LEVELS {
        if present.iter().any(|row| row.migration == level.migration) {
            continue;
        }
        let row = ActiveModel {
            migration: Set(level.migration.to_owned()),
            level: Set(level.level),
            min_level: Set(level.min_level),
            version: Set(VERSION.to_owned()),
        };
        Entity::insert(row).exec_without_returning(db).await?;
    }
    Ok(())
}

/// Deletes the levels of migrations that were reverted.
pub(in crate::store) async fn delete_unapplied(
    db: &impl ConnectionTrait,
    applied: &[String],
) -> Result<(), DbErr> {
    for row in read(db, applied).await? {
        let is_ours = LEVELS.iter().any(|level| level.migration == row.migration);
        if is_ours && !applied.contains(&row.migration) {
            Entity::delete_by_id(row.migration).exec(db).await?;
        }
    }
    Ok(())
}
