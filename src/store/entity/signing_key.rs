//! A row of `signing_keys`.

use sea_orm::entity::prelude::*;

/// A key that signs identity tokens.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_keys")]
pub struct Model {
    /// One more than the number of the key before.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// The key's id in tokens and in the key set.
    pub kid: String,
    /// The signature algorithm.
    pub algorithm: String,
    /// The public key, base64url.
    pub public_key: String,
    /// The encrypted private key, base64url.
    pub private_key_sealed: String,
    /// The id of the encryption key.
    pub sealed_with: String,
    /// When the key was created.
    pub created_at: DateTimeUtc,
    /// From when on the key signs.
    pub signs_from: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
