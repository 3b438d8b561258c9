//! Validates a row: returns a candidate, or the reason for the refusal. No value is changed silently.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, SubsecRound};
use thiserror::Error;

use super::{row::Row, unknown_hash::kind_of};
use crate::{
    auth::password::{
        foreign::ForeignHashError,
        stored_hash::{StoredHash, UNUSABLE},
    },
    domain::{
        clock::Timestamp,
        id::UserId,
        imported::Imported,
        role::{ADMIN, Role, Roles},
        username::{Username, UsernameError},
    },
};

/// The maximum characters of an external id, an email address and a name.
const MAX_EXTERNAL_ID: usize = 191;
const MAX_EMAIL: usize = 320;
const MAX_NAME: usize = 300;

/// A validated user.
#[derive(Debug)]
pub struct Candidate {
    pub id: Option<UserId>,
    pub username: Username,
    pub hash: Option<StoredHash>,
    /// The stored hash, unless it is wrapped first.
    pub stored: String,
    pub created_at: Option<Timestamp>,
    pub disabled: Option<DisabledSince>,
    pub roles: Roles,
    pub imported: Imported,
    pub warnings: Vec<RowWarning>,
}

/// The time when a user was disabled.
#[derive(Clone, Copy, Debug)]
pub enum DisabledSince {
    /// The file names no time: the time of the import.
    Import,
    /// The time in the file.
    Time(Timestamp),
}

/// Why a row is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RowError {
    /// The row cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// There is no username.
    #[error("it has no username")]
    NoUsername,
    /// The password hash is missing: usually a mistake. A user without a password has an empty one.
    #[error("it has no password hash")]
    NoHash,
    /// There is no id, so a second import could not recognize the user.
    #[error("it has neither external_id nor id")]
    NoId,
    /// The username is not allowed.
    #[error("{0}")]
    Username(#[from] UsernameError),
    /// The username, or an equal one, is taken.
    #[error(
        "the username is taken, by an existing user or by an earlier row (names are compared by PRECIS, RFC 8265)"
    )]
    UsernameTaken,
    /// Two rows have one id.
    #[error("an earlier row has the same external_id or id, and another username")]
    DuplicateId,
    /// The password hash is broken, or costs too much.
    #[error("{0}")]
    Hash(ForeignHashError),
    /// A field is invalid.
    #[error("{field} {problem}")]
    Field {
        /// The field's name.
        field: &'static str,
        /// The problem.
        problem: &'static str,
    },
}

/// A warning about a row that is not refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RowWarning {
    /// The user was renamed after an earlier import, or two systems use the same id. Nothing is changed.
    #[error("this id is here already, as {0}: nothing was changed")]
    ExistsAs(String),
    /// The role `admin` is set at the command line only, never by a file.
    #[error("the role admin was left out: give it by the command line")]
    AdminRoleRemoved,
    /// The user needs a new password.
    #[error(
        "Gatelodge does not support this kind of password hash ({0}): this user cannot log in until a password is set by \
         `gatelodge user set-password`"
    )]
    UnknownHash(&'static str),
}

/// Validates one row.
pub fn validate(row: Row) -> Result<Candidate, RowError> {
    let mut warnings = vec![];
    let name = row
        .username
        .filter(|name| !name.is_empty())
        .ok_or(RowError::NoUsername)?;
    let username = Username::parse_new(&name)?;
    let (hash, stored) = hash(row.password_hash.ok_or(RowError::NoHash)?, &mut warnings)?;
    let imported = Imported {
        external_id: match row.external_id {
            // MySQL treats two ids that differ in trailing spaces as equal.
            Some(id) if id.ends_with(' ') => return Err(field("external_id", "ends with a space")),
            Some(id) if !id.is_empty() => Some(text("external_id", Some(id), MAX_EXTERNAL_ID)?),
            _ => None,
        },
        email: text("email", row.email, MAX_EMAIL)?,
        first_name: text("first_name", row.first_name, MAX_NAME)?,
        last_name: text("last_name", row.last_name, MAX_NAME)?,
        last_login: timestamp("last_login", row.last_login)?,
    };
    let id = match row.id {
        Some(id) => Some(own_id(&id)?),
        None if imported.external_id.is_none() => return Err(RowError::NoId),
        None => None,
    };
    Ok(Candidate {
        id,
        username,
        hash,
        stored,
        created_at: timestamp("created_at", row.created_at)?,
        disabled: match (row.disabled, timestamp("disabled_at", row.disabled_at)?) {
            (Some(false), Some(_)) => {
                return Err(field(
                    "disabled",
                    "is false, but disabled_at says when it was",
                ));
            }
            (_, Some(since)) => Some(DisabledSince::Time(since)),
            (Some(true), None) => Some(DisabledSince::Import),
            (_, None) => None,
        },
        roles: roles(row.roles, &mut warnings)?,
        imported,
        warnings,
    })
}

/// Parses an id of the form that Gatelodge makes: a UUID of version 7 (RFC 9562, section 5.7). Others are refused, such
/// as the nil id.
fn own_id(text: &str) -> Result<UserId, RowError> {
    let id = text.parse::<UserId>().ok();
    id.filter(|id| id.uuid().get_version_num() == 7)
        .ok_or_else(|| {
            field(
                "id",
                "is no id of Gatelodge; write ids of other systems to external_id",
            )
        })
}

fn hash(
    text: String,
    warnings: &mut Vec<RowWarning>,
) -> Result<(Option<StoredHash>, String), RowError> {
    match StoredHash::parse(&text).and_then(StoredHash::imported) {
        Ok(hash) => Ok((Some(hash), text)),
        Err(ForeignHashError::Unusable) => Ok((None, UNUSABLE.to_owned())),
        Err(ForeignHashError::Unknown) => {
            warnings.push(RowWarning::UnknownHash(kind_of(&text)));
            Ok((None, UNUSABLE.to_owned()))
        }
        Err(error) => Err(RowError::Hash(error)),
    }
}

fn roles(words: Vec<String>, warnings: &mut Vec<RowWarning>) -> Result<Roles, RowError> {
    let mut roles = vec![];
    for word in words {
        if word == ADMIN {
            warnings.push(RowWarning::AdminRoleRemoved);
            continue;
        }
        roles.push(
            word.parse::<Role>()
                .map_err(|_| field("roles", "contain an invalid role"))?,
        );
    }
    Roles::new(roles).map_err(|_| field("roles", "are too many"))
}

fn text(name: &'static str, text: Option<String>, max: usize) -> Result<String, RowError> {
    let text = text.unwrap_or_default();
    if text.chars().count() > max {
        return Err(field(name, "is too long"));
    }
    if text.chars().any(char::is_control) {
        return Err(field(name, "has a control character"));
    }
    Ok(text)
}

/// Parses RFC 3339, PostgreSQL's form (`2024-01-02 03:04:05+00`), Ruby's form with ` UTC` at the end, or a time without
/// an offset. The last one is UTC: Django writes it without `USE_TZ`.
fn timestamp(name: &'static str, text: Option<String>) -> Result<Option<Timestamp>, RowError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let timestamp = DateTime::parse_from_rfc3339(&text)
        .map(|timestamp| timestamp.to_utc())
        .or_else(|_| {
            let text = text.strip_suffix(" UTC").unwrap_or(&text);
            let text = text.replacen(' ', "T", 1);
            if let Ok(timestamp) = DateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f%#z") {
                return Ok(timestamp.to_utc());
            }
            NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f")
                .or_else(|_| {
                    NaiveDate::parse_from_str(&text, "%Y-%m-%d")
                        .map(|day| day.and_time(chrono::NaiveTime::MIN))
                })
                .map(|naive| naive.and_utc())
        });
    match timestamp {
        Ok(timestamp) if (1900..=9999).contains(&timestamp.year()) => {
            Ok(Some(timestamp.trunc_subsecs(6)))
        }
        Ok(_) => Err(field(name, "is not between the years 1900 and 9999")),
        Err(_) => Err(field(name, "is no date like 2026-11-24T12:00:00Z")),
    }
}

fn field(field: &'static str, problem: &'static str) -> RowError {
    RowError::Field { field, problem }
}
