//! Data of users from other systems. It is stored until a feature uses it.

use super::clock::Timestamp;

/// The imported data of one user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The user's id in the other system. A repeated import finds the user by it.
    pub external_id: Option<String>,
    /// The email address, which is not verified.
    pub email: String,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// The time of the last login to the other system.
    pub last_login: Option<Timestamp>,
}
