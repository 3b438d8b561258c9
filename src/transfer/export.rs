//! Export: writes all users in the form that an import reads.

use std::{borrow::Cow, io};

use chrono::SecondsFormat;
use serde::Serialize;

use super::{cell, row::COLUMNS};
use crate::{
    auth::Failure,
    domain::{clock::Timestamp, imported::Imported},
    store::{Store, StoredPassword},
};

/// Users that one query reads.
const PAGE: u64 = 1000;

/// A user in an export.
#[derive(Debug, Serialize)]
pub struct Exported {
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    id: String,
    username: String,
    password_hash: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_login: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_at: Option<String>,
    roles: String,
    email: String,
    first_name: String,
    last_name: String,
}

impl Exported {
    /// Returns the columns of [`Exported::cells`].
    pub fn columns() -> impl Iterator<Item = &'static str> {
        COLUMNS.into_iter().filter(|column| *column != "disabled")
    }

    /// Returns the CSV cells in the order of the columns. No spreadsheet runs them.
    pub fn cells(&self) -> [Cow<'_, str>; 11] {
        let fields = [
            self.external_id.as_deref().unwrap_or_default(),
            &self.id,
            &self.username,
            &self.password_hash,
            &self.created_at,
            self.last_login.as_deref().unwrap_or_default(),
            self.disabled_at.as_deref().unwrap_or_default(),
            &self.roles,
            &self.email,
            &self.first_name,
            &self.last_name,
        ];
        fields.map(cell::escape)
    }

    fn new(stored: StoredPassword, imported: Imported) -> Self {
        let user = stored.user;
        Self {
            external_id: imported.external_id,
            id: user.id.to_string(),
            username: user.username.to_string(),
            password_hash: stored.hash,
            created_at: text(user.created_at),
            last_login: imported.last_login.map(text),
            disabled_at: user.disabled_at.map(text),
            roles: user.roles.to_string(),
            email: imported.email,
            first_name: imported.first_name,
            last_name: imported.last_name,
        }
    }
}

/// Passes all users to `write`, in the order of their ids. Returns how many there were.
pub async fn export(
    store: &Store,
    mut write: impl FnMut(&Exported) -> io::Result<()>,
) -> Result<u64, Failure> {
    let (mut last, mut count) = (None, 0);
    loop {
        let page = store.users().after(last, PAGE).await?;
        let Some(end) = page.last() else {
            return Ok(count);
        };
        last = Some(end.user.id);
        let ids: Vec<_> = page.iter().map(|stored| stored.user.id).collect();
        let mut imported = store.imported_users().find(&ids).await?;
        for stored in page {
            let imported_fields = imported.remove(&stored.user.id).unwrap_or_default();
            let exported = Exported::new(stored, imported_fields);
            write(&exported).map_err(|error| Failure::Internal(error.into()))?;
            count += 1;
        }
    }
}

fn text(timestamp: Timestamp) -> String {
    timestamp.to_rfc3339_opts(SecondsFormat::Micros, true)
}
