//! Secrets that nodes generate: a file beside SQLite's database, or a row that all nodes read.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use sea_orm::{ActiveValue::Set, EntityTrait, SqlErr};

use crate::{
    config::secret::{MIN_DIFFERENT_BYTES, different_bytes},
    store::{
        Store, StoreError,
        entity::secret::{self, Entity},
        error::bounded,
    },
};

/// The secret's name in the database.
const NAME: &str = "gatelodge";

impl Store {
    /// Returns the stored secret, if any.
    pub async fn find_secret(&self) -> Result<Option<String>, StoreError> {
        if let Some(path) = &self.secret_file {
            return match fs::read_to_string(path) {
                Ok(secret) => Ok(Some(secret.trim_end_matches(['\r', '\n']).to_owned())),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(StoreError::Unavailable(format!(
                    "cannot read the secret's file {}: {error}",
                    path.display()
                ))),
            };
        }
        let row = bounded(Entity::find_by_id(NAME.to_owned()).one(&self.read)).await?;
        Ok(row.map(|row| row.secret_value))
    }

    /// Returns the stored secret. If there is none, stores `fresh` and returns it. All nodes get the same secret.
    pub async fn shared_secret(&self, fresh: &str) -> Result<String, StoreError> {
        if let Some(path) = &self.secret_file {
            return read_or_create(path, fresh).map_err(|error| {
                StoreError::Unavailable(format!(
                    "cannot use the secret's file {}: {error}",
                    path.display()
                ))
            });
        }
        let find = || bounded(Entity::find_by_id(NAME.to_owned()).one(&self.write));
        if let Some(row) = find().await? {
            return Ok(row.secret_value);
        }
        let row = secret::ActiveModel {
            name: Set(NAME.to_owned()),
            secret_value: Set(fresh.to_owned()),
        };
        let insert = async {
            match Entity::insert(row)
                .exec_without_returning(&self.write)
                .await
            {
                // Another node was faster: its secret is used.
                Err(error)
                    if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) =>
                {
                    Ok(())
                }
                other => other.map(|_| ()),
            }
        };
        bounded(insert).await?;
        let row = find().await?;
        Ok(row.map_or_else(|| fresh.to_owned(), |row| row.secret_value))
    }
}

/// Reads a secret's file, or creates it. Only its owner may read it, and it appears with its whole content, because
/// another process may read it at the same time.
fn read_or_create(path: &Path, fresh: &str) -> std::io::Result<String> {
    if !path.exists() {
        let temporary = path.with_extension(format!("secret-{}", std::process::id()));
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&temporary)?;
        file.write_all(fresh.as_bytes())?;
        file.sync_all()?;
        let linked = fs::hard_link(&temporary, path);
        fs::remove_file(&temporary)?;
        match linked {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    let secret = fs::read_to_string(path)?;
    let secret = secret.trim_end_matches(['\r', '\n']);
    // A truncated or hand-written file could be a key that others can guess.
    if secret.len() < fresh.len() {
        return Err(std::io::Error::new(
            ErrorKind::InvalidData,
            "it is too short. Delete it, and Gatelodge creates a new one",
        ));
    }
    if different_bytes(secret) < MIN_DIFFERENT_BYTES {
        return Err(std::io::Error::new(
            ErrorKind::InvalidData,
            "it has fewer than 8 different bytes and can be guessed: delete it, and another is made",
        ));
    }
    Ok(secret.to_owned())
}
