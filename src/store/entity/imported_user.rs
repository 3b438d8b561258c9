//! A row of `imported_users`.

use sea_orm::entity::prelude::*;

/// What a person brought from elsewhere.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "imported_people")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// What they are called there.
    #[sea_orm(unique)]
    pub external_id: Option<String>,
    /// Their mail address, as it was there.
    pub email: String,
    /// Their first name.
    pub first_name: String,
    /// Their last name.
    pub last_name: String,
    /// When they last logged in there.
    pub last_login: Option<DateTimeUtc>,
    /// By which run of the import they came.
    pub import_run: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}
