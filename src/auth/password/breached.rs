//! Breached passwords: attackers try them first, on every account (ASVS 6.2.12).

use std::{io, sync::Arc};

use base16ct::HexDisplay;
use metrics::Counter;
use sha1::{Digest, Sha1};

use crate::{
    breached::{BreachedFile, RangeClient},
    config::password::{Breached, PasswordConfig},
    domain::password::Password,
};

/// The corpus of breached passwords, if one is configured.
pub struct BreachedPasswords {
    corpus: Option<Corpus>,
    /// Counts lookups that failed. Then the password is accepted.
    failed_open: Counter,
}

enum Corpus {
    File(Arc<BreachedFile>),
    Range(RangeClient),
}

impl BreachedPasswords {
    /// Opens the configured corpus.
    pub fn open(config: &PasswordConfig, failed_open: Counter) -> io::Result<Self> {
        let corpus = match config.breached() {
            None => None,
            Some(Breached::File(path)) => Some(Corpus::File(Arc::new(BreachedFile::open(path)?))),
            Some(Breached::Url(url)) => {
                let client = RangeClient::new(url).map_err(io::Error::other)?;
                Some(Corpus::Range(client))
            }
        };
        Ok(Self {
            corpus,
            failed_open,
        })
    }

    /// Returns whether passwords are looked up over the network.
    pub fn uses_service(&self) -> bool {
        matches!(self.corpus, Some(Corpus::Range(_)))
    }

    /// Returns whether a password is in the corpus. If the lookup fails, the password is accepted.
    pub async fn contains(&self, password: &Password) -> bool {
        let found = match &self.corpus {
            None => return false,
            Some(Corpus::File(file)) => in_file(Arc::clone(file), hash(password)).await,
            Some(Corpus::Range(client)) => client
                .contains(&hash(password))
                .await
                .map_err(|error| error.to_string()),
        };
        found.unwrap_or_else(|error| {
            self.failed_open.increment(1);
            tracing::error!(
                error,
                "breached passwords could not be looked up: the password was accepted without the check"
            );
            false
        })
    }
}

/// Looks up a hash on disk, off the async threads.
async fn in_file(file: Arc<BreachedFile>, hash: String) -> Result<bool, String> {
    match tokio::task::spawn_blocking(move || file.contains(&hash)).await {
        Ok(found) => found.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// Returns the hash of a password in the form of the corpus. SHA-1 is the corpus's choice; it protects nothing here.
fn hash(password: &Password) -> String {
    format!("{:X}", HexDisplay(&Sha1::digest(password.as_bytes())))
}
