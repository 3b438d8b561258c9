//! The deployment's secret: the configured one, or the one that all nodes share in the database.

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

use super::{Store, StoreError};
use crate::domain::secret::Secret;

/// The secret, loaded from the database at first use. A database without its tables has no secret yet.
pub struct SharedSecret {
    cached: OnceCell<Secret>,
    /// Becomes the deployment's secret if the database has none.
    fresh: SecretString,
    store: Store,
}

impl SharedSecret {
    /// Uses the configured secret, or else the one that all nodes share in the database.
    pub fn new(set: Option<&SecretString>, fresh: SecretString, store: Store) -> Self {
        Self {
            cached: OnceCell::new_with(set.map(Secret::new)),
            fresh,
            store,
        }
    }

    /// Returns the secret. All nodes must have the same one: otherwise each node counts its throttles alone.
    pub async fn get(&self) -> Result<&Secret, StoreError> {
        let load = async || {
            let shared = self.store.shared_secret(self.fresh.expose_secret()).await?;
            Ok(Secret::new(&shared.into()))
        };
        self.cached.get_or_try_init(load).await
    }
}
