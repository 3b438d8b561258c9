//! A row of a file of users, before validation.

use std::ops::ControlFlow;

use serde::{Deserialize, Deserializer};
use thiserror::Error;

/// The columns of CSV and the keys of JSON lines, in the order in which they are written.
pub const COLUMNS: [&str; 12] = [
    "external_id",
    "id",
    "username",
    "password_hash",
    "created_at",
    "last_login",
    "disabled",
    "disabled_at",
    "roles",
    "email",
    "first_name",
    "last_name",
];

/// The data of one user in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Row {
    /// The user's id in the other system: a text or a number.
    #[serde(deserialize_with = "text_or_number")]
    pub external_id: Option<String>,
    /// The user's id in Gatelodge, in an export.
    pub id: Option<String>,
    /// The username.
    pub username: Option<String>,
    /// The password hash. Empty if the user has none; a missing field is an error.
    #[serde(deserialize_with = "text_or_empty")]
    pub password_hash: Option<String>,
    /// The time of the registration.
    pub created_at: Option<String>,
    /// The time of the last login.
    pub last_login: Option<String>,
    /// Whether the user is disabled.
    pub disabled: Option<bool>,
    /// The time when the user was disabled.
    pub disabled_at: Option<String>,
    /// The roles.
    #[serde(deserialize_with = "role_list")]
    pub roles: Vec<String>,
    /// The email address.
    pub email: Option<String>,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
}

impl Row {
    /// Returns the approximate size in bytes.
    pub fn bytes(&self) -> usize {
        let texts = [
            &self.external_id,
            &self.id,
            &self.username,
            &self.password_hash,
            &self.created_at,
            &self.last_login,
            &self.disabled_at,
            &self.email,
            &self.first_name,
            &self.last_name,
        ];
        let roles = self
            .roles
            .iter()
            .map(|role| role.len() + size_of::<String>());
        let texts = texts.into_iter().flatten().map(String::len);
        size_of::<Self>() + texts.sum::<usize>() + roles.sum::<usize>()
    }
}

/// A row that cannot be read, and its user as far as known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableRow {
    /// The user's id in the other system, if it can be read.
    pub external_id: Option<String>,
    /// The username, if it can be read.
    pub username: Option<String>,
    /// Why the row cannot be read.
    pub problem: String,
}

impl UnreadableRow {
    /// Returns the approximate size in bytes.
    pub fn bytes(&self) -> usize {
        let texts = [&self.external_id, &self.username].into_iter().flatten();
        size_of::<Self>() + self.problem.len() + texts.map(String::len).sum::<usize>()
    }
}

/// A row or its error, and its line or position in an array, from 1.
pub type ReadRow = (u64, Result<Row, UnreadableRow>);

/// A callback for rows. It breaks to stop the reading.
pub type Rows<'a> = dyn FnMut(ReadRow) -> ControlFlow<()> + 'a;

/// Why a file cannot be read further.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file is broken.
    #[error("the file cannot be read after {position}: {problem}")]
    After {
        /// The last position that could be read.
        position: String,
        /// The problem after it.
        problem: String,
    },
    /// The file has another encoding.
    #[error("the file is {0}: convert it to UTF-8, for instance by `iconv -f {0} -t UTF-8`")]
    Encoding(&'static str),
}

impl ReadError {
    pub(crate) fn after(position: impl Into<String>, problem: impl std::fmt::Display) -> Self {
        Self::After {
            position: position.into(),
            problem: problem.to_string(),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Number(serde_json::Number),
}

/// Reads an id: a number in many systems, a text in others.
pub(crate) fn text_or_number<'de, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<String>, D::Error> {
    let scalar = Option::<Scalar>::deserialize(value)?;
    Ok(scalar.map(|scalar| match scalar {
        Scalar::Text(text) => text,
        Scalar::Number(number) => number.to_string(),
    }))
}

/// Returns a text or a number of a row that cannot be read as a whole.
pub(crate) fn scalar(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Reads `null` as an empty text, so that it differs from a missing key.
fn text_or_empty<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(value)?;
    Ok(Some(text.unwrap_or_default()))
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RoleList {
    Text(String),
    Array(Vec<String>),
}

/// Reads roles: an array, or words with spaces between them.
fn role_list<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<String>, D::Error> {
    Ok(match Option::<RoleList>::deserialize(value)? {
        None => vec![],
        Some(RoleList::Text(text)) => text.split_whitespace().map(str::to_owned).collect(),
        Some(RoleList::Array(roles)) => roles,
    })
}
