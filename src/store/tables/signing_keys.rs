//! The table of keys that sign identity tokens. Private keys are encrypted before they get here.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, SqlErr,
    sea_query::Expr,
};

use crate::{
    domain::clock::Timestamp,
    store::{
        StoreError,
        entity::signing_key::{ActiveModel, Column, Entity},
        error::bounded,
    },
};

/// A stored signing key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKeyRow {
    /// One more than the number of the key before. The unique number lets only one of several nodes add the next key.
    pub number: i64,
    /// The key's id: its thumbprint (RFC 7638).
    pub kid: String,
    /// The signature algorithm, as `alg` names it.
    pub algorithm: String,
    /// The public key, base64url.
    pub public_key: String,
    /// The encrypted private key, base64url.
    pub private_key_sealed: String,
    /// The id of the encryption key that opens it.
    pub sealed_with: String,
    /// When the key was created, by the database's clock.
    pub created_at: Timestamp,
    /// From when on the key signs, by the database's clock.
    pub signs_from: Timestamp,
}

/// The table of signing keys, on a connection or in a transaction.
pub struct SigningKeys<'db, C>(&'db C);

impl<'db, C: ConnectionTrait> SigningKeys<'db, C> {
    pub(crate) fn on(db: &'db C) -> Self {
        Self(db)
    }

    /// Returns all keys, in the order in which they begin to sign.
    pub async fn all(&self) -> Result<Vec<SigningKeyRow>, StoreError> {
        let rows = Entity::find()
            .order_by_asc(Column::SignsFrom)
            .order_by_asc(Column::Number)
            .all(self.0);
        let rows = bounded(rows).await?.into_iter();
        Ok(rows
            .map(|row| SigningKeyRow {
                number: row.number,
                kid: row.kid,
                algorithm: row.algorithm,
                public_key: row.public_key,
                private_key_sealed: row.private_key_sealed,
                sealed_with: row.sealed_with,
                created_at: row.created_at,
                signs_from: row.signs_from,
            })
            .collect())
    }

    /// Adds a key. Returns false if another node has added a key with the same number.
    pub async fn insert(&self, row: SigningKeyRow) -> Result<bool, StoreError> {
        let row = ActiveModel {
            number: Set(row.number),
            kid: Set(row.kid),
            algorithm: Set(row.algorithm),
            public_key: Set(row.public_key),
            private_key_sealed: Set(row.private_key_sealed),
            sealed_with: Set(row.sealed_with),
            created_at: Set(row.created_at),
            signs_from: Set(row.signs_from),
        };
        let insert = async {
            match Entity::insert(row).exec_without_returning(self.0).await {
                Err(error)
                    if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) =>
                {
                    Ok(false)
                }
                other => other.map(|_| true),
            }
        };
        bounded(insert).await
    }

    /// Replaces a key's encrypted private key, unless another node has done so.
    pub async fn reseal(
        &self,
        before: &SigningKeyRow,
        sealed: String,
        sealed_with: String,
    ) -> Result<(), StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::PrivateKeySealed, Expr::value(sealed))
            .col_expr(Column::SealedWith, Expr::value(sealed_with))
            .filter(Column::Number.eq(before.number))
            .filter(Column::Kid.eq(before.kid.as_str()))
            .filter(Column::SealedWith.eq(before.sealed_with.as_str()))
            .exec(self.0);
        bounded(update).await.map(|_| ())
    }

    /// Deletes keys by their numbers.
    pub async fn delete(&self, numbers: Vec<i64>) -> Result<(), StoreError> {
        if numbers.is_empty() {
            return Ok(());
        }
        let delete = Entity::delete_many()
            .filter(Column::Number.is_in(numbers))
            .exec(self.0);
        bounded(delete).await.map(|_| ())
    }
}
