//! What a policy requires of a request: a live session, or a role.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::domain::{role::Role, user::User};

/// The prefix of a required role.
const ROLE: &str = "role:";

/// One requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// Nothing is required.
    None,
    /// The request must have a live session.
    Session,
    /// The user must have this role.
    Role(Role),
}

/// Requirements that must all hold. The default is a live session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirements(Vec<Requirement>);

impl Default for Requirements {
    fn default() -> Self {
        Self(vec![Requirement::Session])
    }
}

impl Requirements {
    /// Creates requirements that must all hold.
    pub fn new(all: Vec<Requirement>) -> Self {
        Self(all)
    }

    /// Returns whether some request without a session meets them: they are empty, or contain `none`.
    pub fn is_open(&self) -> bool {
        self.0.is_empty() || self.0.contains(&Requirement::None)
    }

    /// Returns whether a user with a live session meets them.
    pub fn are_met_by(&self, user: &User) -> bool {
        self.0.iter().all(|requirement| match requirement {
            Requirement::None | Requirement::Session => true,
            Requirement::Role(role) => user.roles.contains(role),
        })
    }
}

impl FromStr for Requirement {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self::None),
            "session" => Ok(Self::Session),
            _ => {
                let role = text.strip_prefix(ROLE).ok_or_else(|| {
                    format!("{text:?} is not a requirement. Write \"session\" or \"role:NAME\"")
                })?;
                let role = role
                    .parse()
                    .map_err(|error| format!("{text:?} names no valid role. {error}"))?;
                Ok(Self::Role(role))
            }
        }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Session => f.write_str("session"),
            Self::Role(role) => write!(f, "{ROLE}{role}"),
        }
    }
}

impl Serialize for Requirements {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(ToString::to_string))
    }
}

/// One text or a list of texts.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "write \"session\", \"role:NAME\", or a list of them"
)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl<'de> Deserialize<'de> for Requirements {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = match OneOrMore::deserialize(deserializer)? {
            OneOrMore::One(text) => vec![text],
            OneOrMore::More(texts) => texts,
        };
        let all: Result<_, _> = texts.iter().map(|text| text.parse()).collect();
        all.map(Self).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_requirement_or_a_list_is_read_and_written_as_a_list() {
        for (text, list) in [
            (r#""session""#, r#"["session"]"#),
            (r#""none""#, r#"["none"]"#),
            (r#"["session", "role:a.b"]"#, r#"["session","role:a.b"]"#),
            ("[]", "[]"),
        ] {
            let read: Requirements = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), list);
        }
    }

    #[test]
    fn a_wrong_requirement_is_refused_with_the_ways_to_write_one() {
        for (text, words) in [
            (r#""admin""#, "role:NAME"),
            (r#""Session""#, "session"),
            (r#""role:""#, "1 to 64"),
            (r#""role:-""#, "not - alone"),
            (r#"["session", "role:a,b"]"#, "role:a,b"),
            ("true", "or a list of them"),
            ("[1]", "or a list of them"),
        ] {
            let error = serde_json::from_str::<Requirements>(text).unwrap_err();
            assert!(error.to_string().contains(words), "{text}: {error}");
        }
    }
}
