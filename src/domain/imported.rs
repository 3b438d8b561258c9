//! What people bring from elsewhere, kept beside them until a feature uses it.

use super::clock::Timestamp;

/// What one person brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// What they are called there: by it an import knows them again.
    pub external_id: Option<String>,
    /// Their mail address, which nobody has checked here.
    pub email: String,
    /// Their first name.
    pub first_name: String,
    /// Their last name.
    pub last_name: String,
    /// When they last logged in there.
    pub last_login: Option<Timestamp>,
}
