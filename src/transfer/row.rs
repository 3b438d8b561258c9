//! A row of a file of people, before anything in it is believed.

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

/// What a file says of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Row {
    /// What they are called where they come from: a text or a number.
    #[serde(deserialize_with = "text_or_number")]
    pub external_id: Option<String>,
    /// What Gatelodge called them when it wrote the file.
    pub id: Option<String>,
    /// Their name.
    pub username: Option<String>,
    /// Their password's hash: empty for who has none, and never left out.
    #[serde(deserialize_with = "text_or_empty")]
    pub password_hash: Option<String>,
    /// When they registered.
    pub created_at: Option<String>,
    /// When they last logged in.
    pub last_login: Option<String>,
    /// Whether they may not log in.
    pub disabled: Option<bool>,
    /// Since when they may not.
    pub disabled_at: Option<String>,
    /// Their roles.
    #[serde(deserialize_with = "words")]
    pub roles: Vec<String>,
    /// Their mail address.
    pub email: Option<String>,
    /// Their first name.
    pub first_name: Option<String>,
    /// Their last name.
    pub last_name: Option<String>,
}

impl Row {
    /// About how many bytes it holds.
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
        let words = self
            .roles
            .iter()
            .map(|role| role.len() + size_of::<String>());
        let texts = texts.into_iter().flatten().map(String::len);
        size_of::<Self>() + texts.sum::<usize>() + words.sum::<usize>()
    }
}

/// A row that cannot be read as a whole, and whose it seems to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// What they are called where they come from, as far as that can be read.
    pub external_id: Option<String>,
    /// Their name, as far as it can be read.
    pub username: Option<String>,
    /// Why it cannot be read.
    pub problem: String,
}

impl Unread {
    /// About how many bytes it holds.
    pub fn bytes(&self) -> usize {
        let texts = [&self.external_id, &self.username].into_iter().flatten();
        size_of::<Self>() + self.problem.len() + texts.map(String::len).sum::<usize>()
    }
}

/// A row, or why it cannot be read, and where it is: a line, or a position in an array, from 1.
pub type Read = (u64, Result<Row, Unread>);

/// Takes rows; breaks when it wants no more.
pub type Rows<'a> = dyn FnMut(Read) -> ControlFlow<()> + 'a;

/// Why a file cannot be read further.
#[derive(Debug, Error)]
pub enum ReadError {
    /// It is broken somewhere.
    #[error("the file cannot be read after {place}: {problem}")]
    After {
        /// Where it was read to.
        place: String,
        /// What is wrong there.
        problem: String,
    },
    /// Its text is written otherwise.
    #[error("the file is {0}: convert it to UTF-8, for instance by `iconv -f {0} -t UTF-8`")]
    Encoding(&'static str),
}

impl ReadError {
    pub(crate) fn after(place: impl Into<String>, problem: impl std::fmt::Display) -> Self {
        Self::After {
            place: place.into(),
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

/// Ids are numbers in many systems, and texts in others.
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

/// Nothing is an empty text: a key that is written and one that is left out are told apart.
fn text_or_empty<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(value)?;
    Ok(Some(text.unwrap_or_default()))
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    Each(Vec<String>),
}

/// Roles are an array, or words between spaces.
fn words<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<String>, D::Error> {
    Ok(match Option::<Words>::deserialize(value)? {
        None => vec![],
        Some(Words::One(text)) => text.split_whitespace().map(str::to_owned).collect(),
        Some(Words::Each(each)) => each,
    })
}
