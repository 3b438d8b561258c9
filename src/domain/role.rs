//! Roles: plain strings of a user. Only [`ADMIN`] has a meaning for Gatelodge. Other roles are for upstream services.

use std::{collections::BTreeSet, fmt, str::FromStr};

use thiserror::Error;

/// The role that may administer users.
pub const ADMIN: &str = "admin";
/// What services receive instead of an empty list of roles. No role has this text.
pub const NO_ROLES: &str = "-";
/// Maximum characters of a role.
const MAX_CHARS: usize = 64;
/// Maximum roles of a user.
const MAX_ROLES: usize = 15;

/// One role: letters, digits and `_ - . :`. A single `-` is no role: forward-auth sends it for a user without roles.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Role(String);

/// The error of an invalid role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "A role must have 1 to {MAX_CHARS} characters: letters, digits and _ - . :, but not - alone"
)]
pub struct RoleError;

impl Role {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_valid = |char: char| char.is_ascii_alphanumeric() || "_-.:".contains(char);
        if (1..=MAX_CHARS).contains(&text.len()) && text.chars().all(is_valid) && text != NO_ROLES {
            Ok(Self(text.to_owned()))
        } else {
            Err(RoleError)
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A user's roles, without duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles(BTreeSet<Role>);

/// The error of too many roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("A user can have at most {MAX_ROLES} roles")]
pub struct TooManyRoles;

impl Roles {
    /// Creates a set from roles in any order.
    pub fn new(roles: impl IntoIterator<Item = Role>) -> Result<Self, TooManyRoles> {
        let roles: BTreeSet<_> = roles.into_iter().collect();
        if roles.len() > MAX_ROLES {
            return Err(TooManyRoles);
        }
        Ok(Self(roles))
    }

    /// Parses the text that [`Roles`] displays. Ignores invalid roles.
    pub fn read(text: &str) -> Self {
        Self(
            text.split_whitespace()
                .filter_map(|role| role.parse().ok())
                .collect(),
        )
    }

    /// Returns the roles in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Role::as_str)
    }

    /// Returns the roles with some added and some removed. A role in both lists is removed.
    pub fn with(&self, add: &[Role], remove: &[Role]) -> Result<Self, TooManyRoles> {
        let all = self.0.iter().chain(add);
        Self::new(all.filter(|role| !remove.contains(role)).cloned())
    }

    /// Returns whether the roles include a role.
    pub fn contains(&self, role: &Role) -> bool {
        self.0.contains(role)
    }

    /// Returns whether the roles include [`ADMIN`].
    pub fn is_admin(&self) -> bool {
        self.iter().any(|role| role == ADMIN)
    }
}

/// Displays the roles, separated by spaces.
impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, role) in self.0.iter().enumerate() {
            write!(f, "{}{role}", if number == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_survive_their_text_and_only_admin_is_admin() {
        let roles =
            Roles::new(["staff", "admin", "staff"].map(|role| role.parse().unwrap())).unwrap();
        assert_eq!(roles.to_string(), "admin staff");
        assert_eq!(Roles::read(&roles.to_string()), roles);
        assert!(roles.is_admin());
        for text in ["", "staff", "administrator", "Admin", "x:admin"] {
            assert!(!Roles::read(text).is_admin(), "{text}");
        }
    }

    #[test]
    fn roles_are_added_and_removed_each_once() {
        let role = |text: &str| text.parse::<Role>().unwrap();
        let with = |add: &[Role], remove: &[Role]| {
            Roles::read("a b").with(add, remove).unwrap().to_string()
        };
        assert_eq!(
            with(&[role("c"), role("a")], &[role("b"), role("d")]),
            "a c"
        );
        assert_eq!(with(&[role("c")], &[role("c")]), "a b");
        let many: Vec<_> = (0..14).map(|n| role(&format!("r{n}"))).collect();
        assert_eq!(Roles::read("a b").with(&many, &[]), Err(TooManyRoles));
    }

    #[test]
    fn a_role_is_one_plain_word() {
        for wrong in ["", "-", "a b", "a\n", "é", "%", &"a".repeat(65)] {
            assert_eq!(wrong.parse::<Role>(), Err(RoleError), "{wrong:?}");
        }
        assert!("--".parse::<Role>().is_ok());
        assert_eq!(Roles::read("- b -"), Roles::read("b"));
        let many = (0..16).map(|number| format!("r{number}").parse().unwrap());
        assert_eq!(Roles::new(many), Err(TooManyRoles));
    }
}
