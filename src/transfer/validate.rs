//! Judges a row: a person whom Gatelodge can take as they are, or the reason why not. Nothing is changed silently.

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

/// Most characters of an external id, a mail address, a name.
const EXTERNAL_ID: usize = 191;
const EMAIL: usize = 320;
const NAME: usize = 300;

/// A person as they will be here.
#[derive(Debug)]
pub struct Candidate {
    pub id: Option<UserId>,
    pub username: Username,
    pub hash: Option<StoredHash>,
    /// What is stored, unless it is wrapped first.
    pub stored: String,
    pub created_at: Option<Timestamp>,
    pub disabled: Option<Disabled>,
    pub roles: Roles,
    pub imported: Imported,
    pub notices: Vec<Notice>,
}

/// Since when a person may not log in.
#[derive(Clone, Copy, Debug)]
pub enum Disabled {
    /// The file says only that.
    Now,
    /// The file says when.
    Since(Timestamp),
}

/// Why a row is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RowError {
    /// The row itself cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// There is no name.
    #[error("it has no username")]
    NoName,
    /// Nothing is said of a password: that is more often a slip than somebody who has none.
    #[error("it has no password hash")]
    NoHash,
    /// There is no id by which a second import would know the person again.
    #[error("it has neither external_id nor id")]
    NoId,
    /// The name cannot be anybody's.
    #[error("{0}")]
    Username(#[from] UsernameError),
    /// Somebody has the name, or one that is equal to it.
    #[error(
        "the username is taken, by somebody here or by an earlier row (names are equal by PRECIS, RFC 8265)"
    )]
    Taken,
    /// Two rows cannot be one person.
    #[error("an earlier row has the same external_id or id, and another username")]
    Repeated,
    /// The password's hash is broken, or costs too much.
    #[error("{0}")]
    Hash(ForeignHashError),
    /// A field cannot be kept as it is.
    #[error("{field} {problem}")]
    Field {
        /// Which.
        field: &'static str,
        /// Why.
        problem: &'static str,
    },
}

/// What is told of a row that is not refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Notice {
    /// They were renamed since they came, or two systems have given one id: nothing is changed, but it is said.
    #[error("this id is here already, as {0}: nothing was changed")]
    HereAs(String),
    /// Power comes from the command line, never from a file.
    #[error("the role admin was left out: give it by the command line")]
    AdminLeftOut,
    /// The person needs a new password.
    #[error(
        "the password hash is of no kind that Gatelodge checks ({0}): this person cannot log in until a password is set by \
         `gatelodge user set-password`"
    )]
    UnknownHash(&'static str),
}

/// Judges one row.
pub fn validate(row: Row) -> Result<Candidate, RowError> {
    let mut notices = vec![];
    let name = row
        .username
        .filter(|name| !name.is_empty())
        .ok_or(RowError::NoName)?;
    let username = Username::parse_new(&name)?;
    let (hash, stored) = hash(row.password_hash.ok_or(RowError::NoHash)?, &mut notices)?;
    let imported = Imported {
        external_id: match row.external_id {
            // MySQL would hold two that differ by spaces at the end to be one.
            Some(id) if id.ends_with(' ') => return Err(field("external_id", "ends with a space")),
            Some(id) if !id.is_empty() => Some(text("external_id", Some(id), EXTERNAL_ID)?),
            _ => None,
        },
        email: text("email", row.email, EMAIL)?,
        first_name: text("first_name", row.first_name, NAME)?,
        last_name: text("last_name", row.last_name, NAME)?,
        last_login: instant("last_login", row.last_login)?,
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
        created_at: instant("created_at", row.created_at)?,
        disabled: match (row.disabled, instant("disabled_at", row.disabled_at)?) {
            (Some(false), Some(_)) => {
                return Err(field(
                    "disabled",
                    "is false, but disabled_at says when it was",
                ));
            }
            (_, Some(since)) => Some(Disabled::Since(since)),
            (Some(true), None) => Some(Disabled::Now),
            (_, None) => None,
        },
        roles: roles(row.roles, &mut notices)?,
        imported,
        notices,
    })
}

/// An id as Gatelodge makes them: none that stands for nobody, and none that was never made (RFC 9562, section 5.7).
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

fn hash(text: String, notices: &mut Vec<Notice>) -> Result<(Option<StoredHash>, String), RowError> {
    match StoredHash::parse(&text).and_then(StoredHash::imported) {
        Ok(hash) => Ok((Some(hash), text)),
        Err(ForeignHashError::Unusable) => Ok((None, UNUSABLE.to_owned())),
        Err(ForeignHashError::Unknown) => {
            notices.push(Notice::UnknownHash(kind_of(&text)));
            Ok((None, UNUSABLE.to_owned()))
        }
        Err(error) => Err(RowError::Hash(error)),
    }
}

fn roles(words: Vec<String>, notices: &mut Vec<Notice>) -> Result<Roles, RowError> {
    let mut roles = vec![];
    for word in words {
        if word == ADMIN {
            notices.push(Notice::AdminLeftOut);
            continue;
        }
        roles.push(
            word.parse::<Role>()
                .map_err(|_| field("roles", "has one that is no role"))?,
        );
    }
    Roles::new(roles).map_err(|_| field("roles", "are too many"))
}

fn text(name: &'static str, text: Option<String>, most: usize) -> Result<String, RowError> {
    let text = text.unwrap_or_default();
    if text.chars().count() > most {
        return Err(field(name, "is too long"));
    }
    if text.chars().any(char::is_control) {
        return Err(field(name, "has a control character"));
    }
    Ok(text)
}

/// RFC 3339; as PostgreSQL writes it (`2024-01-02 03:04:05+00`); with ` UTC` at the end, as Ruby does; or without an offset,
/// which is then UTC: Django writes so without `USE_TZ`.
fn instant(name: &'static str, text: Option<String>) -> Result<Option<Timestamp>, RowError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let instant = DateTime::parse_from_rfc3339(&text)
        .map(|instant| instant.to_utc())
        .or_else(|_| {
            let text = text.strip_suffix(" UTC").unwrap_or(&text);
            let text = text.replacen(' ', "T", 1);
            if let Ok(instant) = DateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f%#z") {
                return Ok(instant.to_utc());
            }
            NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f")
                .or_else(|_| {
                    NaiveDate::parse_from_str(&text, "%Y-%m-%d")
                        .map(|day| day.and_time(chrono::NaiveTime::MIN))
                })
                .map(|naive| naive.and_utc())
        });
    match instant {
        Ok(instant) if (1900..=9999).contains(&instant.year()) => {
            Ok(Some(instant.trunc_subsecs(6)))
        }
        Ok(_) => Err(field(name, "is not between the years 1900 and 9999")),
        Err(_) => Err(field(name, "is no date like 2026-11-24T12:00:00Z")),
    }
}

fn field(field: &'static str, problem: &'static str) -> RowError {
    RowError::Field { field, problem }
}
