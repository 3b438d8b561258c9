//! Passwords that are known from breaches: attackers try them first, on everybody (ASVS 6.2.12).

use std::{io, sync::Arc};

use metrics::Counter;
use sha1::{Digest, Sha1};

mod file;
mod range;

use self::{file::BreachedFile, range::RangeClient};
use crate::{
    config::password::{Breached, PasswordConfig},
    domain::password::Password,
};

/// Characters of a hash, as the public corpus spells it.
const HEX: usize = 40;

/// Where they are looked up, if anywhere.
pub struct BreachedPasswords {
    corpus: Option<Corpus>,
    /// Look-ups that were passed over.
    failed_open: Counter,
}

enum Corpus {
    File(Arc<BreachedFile>),
    Range(RangeClient),
}

impl BreachedPasswords {
    /// Opens what the settings name.
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
    pub fn is_service(&self) -> bool {
        matches!(self.corpus, Some(Corpus::Range(_)))
    }

    /// Whether a password is known. Nobody is refused because a file or a service cannot be asked.
    pub async fn contain(&self, password: &Password) -> bool {
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
                "breached passwords could not be looked up: passed over"
            );
            false
        })
    }
}

/// Looks a hash up on disk, off the async threads.
async fn in_file(file: Arc<BreachedFile>, hash: String) -> Result<bool, String> {
    match tokio::task::spawn_blocking(move || file.contains(&hash)).await {
        Ok(found) => found.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// The hash of a password, as the corpus spells it. SHA-1 is its choice; it protects nothing here.
fn hash(password: &Password) -> String {
    use std::fmt::Write;
    let mut hex = String::with_capacity(HEX);
    for byte in Sha1::digest(password.as_bytes()) {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02X}");
    }
    hex
}
