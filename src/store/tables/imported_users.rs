//! The table of imported users' data.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
};

use uuid::Uuid;

use super::users::unless_taken;
use crate::{
    domain::{id::UserId, imported::Imported},
    store::{
        InsertUserError, StoreError,
        entity::imported_user::{ActiveModel, Column, Entity},
        error::bounded,
    },
};

/// The table of imported users' data, on a connection or in a transaction.
pub struct ImportedUsers<'db, C>(&'db C);

impl<'db, C: ConnectionTrait> ImportedUsers<'db, C> {
    pub(crate) fn on(db: &'db C) -> Self {
        Self(db)
    }

    /// Returns the users of those of the given external ids that exist.
    pub async fn present(&self, ids: &[&str]) -> Result<HashMap<String, UserId>, StoreError> {
        let rows = Entity::find()
            .select_only()
            .column(Column::ExternalId)
            .column(Column::UserId)
            .filter(Column::ExternalId.is_in(ids.iter().copied()))
            .into_tuple::<(String, Uuid)>()
            .all(self.0);
        let rows = bounded(rows).await?.into_iter();
        Ok(rows.map(|(external, id)| (external, id.into())).collect())
    }

    /// Returns those of the given users that an import run created.
    pub async fn came_by(&self, run: Uuid, of: &[UserId]) -> Result<HashSet<UserId>, StoreError> {
        let rows = Entity::find()
            .select_only()
            .column(Column::UserId)
            .filter(Column::UserId.is_in(of.iter().map(UserId::uuid)))
            .filter(Column::ImportRun.eq(run))
            .into_tuple::<Uuid>()
            .all(self.0);
        Ok(bounded(rows).await?.into_iter().map(Into::into).collect())
    }

    /// Returns the imported data of the given users.
    pub async fn find(&self, of: &[UserId]) -> Result<HashMap<UserId, Imported>, StoreError> {
        let rows = Entity::find()
            .filter(Column::UserId.is_in(of.iter().map(UserId::uuid)))
            .all(self.0);
        let imported = bounded(rows).await?.into_iter().map(|row| {
            let imported = Imported {
                external_id: row.external_id,
                email: row.email,
                first_name: row.first_name,
                last_name: row.last_name,
                last_login: row.last_login,
            };
            (row.user_id.into(), imported)
        });
        Ok(imported.collect())
    }

    /// Inserts the data of users that an import run created. The unique index decides whether an external id is free.
    pub async fn insert(
        &self,
        run: Uuid,
        users: &[(UserId, &Imported)],
    ) -> Result<(), InsertUserError> {
        if users.is_empty() {
            return Ok(());
        }
        let rows = users.iter().map(|(id, imported)| ActiveModel {
            user_id: Set(id.uuid()),
            external_id: Set(imported.external_id.clone()),
            email: Set(imported.email.clone()),
            first_name: Set(imported.first_name.clone()),
            last_name: Set(imported.last_name.clone()),
            last_login: Set(imported.last_login),
            import_run: Set(run),
        });
        unless_taken(Entity::insert_many(rows).exec_without_returning(self.0)).await
    }
}
