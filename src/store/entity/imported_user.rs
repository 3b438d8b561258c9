//! A row of `imported_users`.

use sea_orm::entity::prelude::*;

/// Data of a user from another system.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "imported_people")]
pub struct Model {
    /// The user's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// The user's id in the other system.
    #[sea_orm(unique)]
    pub external_id: Option<String>,
    /// The email address in the other system.
    pub email: String,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// The time of the last login to the other system.
    pub last_login: Option<DateTimeUtc>,
    /// The run of the import that created the user.
    pub import_run: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}
