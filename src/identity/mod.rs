//! Identity tokens: short-lived, signed statements of who is asking, for the services behind the gate (RFC 7519).
//!
//! A service verifies them with the public keys of `/.well-known/jwks.json`. It never sees a password or a cookie. One kind
//! of token is signed with these keys, so that no token can be mistaken for another (RFC 8725, section 3.12).

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use quick_cache::sync::Cache;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::json;
use thiserror::Error;

mod claims;
mod documents;
mod key_pair;
mod key_ring;
pub mod keys;
mod rotation;
pub mod schedule;

use self::{
    claims::{Claims, OwnClaims},
    key_pair::KeyError,
    keys::{KeysError, Signer},
};
pub use self::{documents::PublicDocument, keys::Keys};
use crate::{
    config::Config,
    domain::{
        clock::{Clock, Timestamp},
        entropy::{Entropy, EntropyError},
        id::SessionId,
        session::Session,
        user::User,
    },
    store::{SharedSecret, Store, StoreError},
};

/// How often a node reads the keys. An emergency key signs on all nodes within ten seconds.
const REFRESH_INTERVAL: Duration = Duration::from_secs(5);
/// How often a node logs that it cannot use the key that signs now.
const LOG_INTERVAL: Duration = Duration::from_hours(1);
/// Minimum number of tokens that are kept for reuse.
const MIN_CACHED: u32 = 1_000;

/// Issues identity tokens, and publishes the keys that verify them.
pub struct Issuer {
    keys: Keys,
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    issuer: String,
    lifetime: TimeDelta,
    has_external_id: bool,
    cache: Cache<(SessionId, String), Arc<Cached>>,
    metadata: PublicDocument,
    is_loopback: bool,
}

/// A token that can be reused.
struct Cached {
    token: Arc<SecretString>,
    kid: String,
    user: User,
    authenticated_at: Timestamp,
    external_id: Option<String>,
    issued_at: Timestamp,
}

/// Why no token could be issued.
#[derive(Debug, Error)]
pub enum IssueError {
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The source of randomness failed.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The keys could not be read yet, or this node decrypts none of them.
    #[error("this node has no key to sign identity tokens with")]
    NoKey,
    /// Signing failed.
    #[error("an identity token could not be signed: {0}")]
    Key(#[from] KeyError),
    /// The claims could not be written.
    #[error("an identity token could not be written: {0}")]
    Json(#[from] serde_json::Error),
}

impl Issuer {
    /// Creates an issuer. [`Issuer::start`] reads its keys.
    pub fn new(
        config: &Config,
        store: Store,
        secret: Arc<SharedSecret>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let issuer = config.browser.public_url.to_string();
        let mut names = claims::NAMES.to_vec();
        names.extend(
            config
                .token
                .token_external_id
                .then_some(claims::EXTERNAL_ID),
        );
        let capacity = config.session.cache.max(MIN_CACHED);
        let keys = Keys::new(
            store.clone(),
            secret,
            Arc::clone(&clock),
            Arc::clone(&entropy),
            config.token.clone(),
        );
        Self {
            metadata: documents::metadata(&issuer, keys.algorithm(), &names),
            keys,
            store,
            clock,
            entropy,
            issuer,
            lifetime: TimeDelta::from_std(config.token.token_lifetime).unwrap_or(TimeDelta::MAX),
            has_external_id: config.token.token_external_id,
            cache: Cache::new(usize::try_from(capacity).unwrap_or(usize::MAX)),
            is_loopback: config.browser.public_url.is_loopback(),
        }
    }

    /// Reads the keys, and creates the first one. Fails if this node's secrets do not decrypt the key that signs now: it
    /// would refuse every user. On localhost that key is replaced, because only developers lose a secret there.
    pub async fn start(&self) -> Result<(), KeysError> {
        self.keys.refresh().await?;
        match self.keys.check() {
            Err(error @ (KeysError::Sealed { .. } | KeysError::Damaged { .. }))
                if self.is_loopback =>
            {
                tracing::warn!(%error, "the signing keys are replaced, because the public URL is localhost");
                self.keys.replace().await?;
                self.keys.refresh().await
            }
            result => result,
        }
    }

    /// Reads the keys at intervals, and rotates them. Never returns.
    pub async fn keep_refreshing(&self) {
        let mut logged_at = None;
        loop {
            tokio::time::sleep(REFRESH_INTERVAL).await;
            if let Err(error) = self.keys.refresh().await {
                tracing::warn!(%error, "the signing keys could not be read. The earlier ones stay in use");
                continue;
            }
            let now = self.clock.monotonic();
            let is_due = logged_at.is_none_or(|then| now.saturating_sub(then) >= LOG_INTERVAL);
            match self.keys.check() {
                Err(error) if is_due => {
                    tracing::error!(%error, "this node cannot use the current signing key");
                    logged_at = Some(now);
                }
                Err(_) => {}
                Ok(()) => logged_at = None,
            }
        }
    }

    /// Returns the signing keys.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Returns the identity token of a session for an audience, as a compact JWS without `Bearer `. It is the same token
    /// until half of its lifetime is over, as long as its claims and the signing key stay the same.
    pub async fn token(
        &self,
        user: &User,
        session: &Session,
        audience: &str,
    ) -> Result<Arc<SecretString>, IssueError> {
        let signer = self.keys.signer().ok_or(IssueError::NoKey)?;
        let now = self.clock.now();
        let key = (session.id, audience.to_owned());
        let cached = self.cache.get(&key);
        if let Some(cached) = &cached
            && self.is_reusable(cached, user, session, &signer, now)
        {
            return Ok(Arc::clone(&cached.token));
        }
        let external_id = match cached {
            // An import gives a user this id once. It never changes.
            Some(cached) => cached.external_id.clone(),
            None => self.external_id(user).await?,
        };
        let jti = self.random_id()?;
        let mut claims = Claims::of(
            user,
            session,
            &self.issuer,
            audience,
            now,
            self.lifetime,
            jti,
        );
        claims.external_id = external_id.as_deref();
        let token = Arc::new(self.sign(&signer, &claims)?);
        let entry = Cached {
            token: Arc::clone(&token),
            kid: signer.kid().to_owned(),
            user: user.clone(),
            authenticated_at: session.authenticated_at,
            external_id,
            issued_at: now,
        };
        self.cache.insert(key, Arc::new(entry));
        Ok(token)
    }

    /// Returns a token for a socket. It ends after `lifetime`, or with the session at the latest, and is not reused.
    pub async fn socket_token(
        &self,
        user: &User,
        session: &Session,
        audience: &str,
        lifetime: TimeDelta,
    ) -> Result<SecretString, IssueError> {
        let signer = self.keys.signer().ok_or(IssueError::NoKey)?;
        let now = self.clock.now();
        let lifetime = lifetime.min(session.absolute_end - now);
        let external_id = self.external_id(user).await?;
        let jti = self.random_id()?;
        let mut claims = Claims::of(user, session, &self.issuer, audience, now, lifetime, jti);
        claims.external_id = external_id.as_deref();
        self.sign(&signer, &claims)
    }

    /// Returns a token of Gatelodge itself, for its own questions to an upstream. Its subject is no user.
    pub fn own_token(&self, audience: &str) -> Result<SecretString, IssueError> {
        let signer = self.keys.signer().ok_or(IssueError::NoKey)?;
        let claims = OwnClaims::of(
            &self.issuer,
            audience,
            self.clock.now(),
            self.lifetime,
            self.random_id()?,
        );
        self.sign(&signer, &claims)
    }

    fn random_id(&self) -> Result<String, EntropyError> {
        let mut random = [0; 16];
        self.entropy.fill(&mut random)?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode(random))
    }

    /// Returns the key set (RFC 7517, section 5), or `None` before the keys were read.
    pub fn jwks(&self) -> Option<PublicDocument> {
        self.keys.document()
    }

    /// Returns the issuer's metadata, for `/.well-known/openid-configuration`.
    pub fn metadata(&self) -> PublicDocument {
        self.metadata.clone()
    }

    fn is_reusable(
        &self,
        cached: &Cached,
        user: &User,
        session: &Session,
        signer: &Signer,
        now: Timestamp,
    ) -> bool {
        // A clock that was set back makes the token too old or too new by the verifiers' clocks.
        let age = now - cached.issued_at;
        (TimeDelta::zero()..self.lifetime / 2).contains(&age)
            && cached.kid == signer.kid()
            && cached.authenticated_at == session.authenticated_at
            && cached.user.username == user.username
            && cached.user.roles == user.roles
    }

    /// Returns the user's id in the system from which they were imported.
    async fn external_id(&self, user: &User) -> Result<Option<String>, StoreError> {
        if !self.has_external_id {
            return Ok(None);
        }
        let mut found = self.store.imported_users().find(&[user.id]).await?;
        Ok(found
            .remove(&user.id)
            .and_then(|imported| imported.external_id))
    }

    /// Signs the claims (RFC 7515, section 7.1).
    fn sign(&self, signer: &Signer, claims: &impl Serialize) -> Result<SecretString, IssueError> {
        let header = json!({"typ": "JWT", "alg": self.keys.algorithm(), "kid": signer.kid()});
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let mut token = encode(header.to_string().as_bytes());
        token.push('.');
        token += &encode(&serde_json::to_vec(claims)?);
        let signature = signer.sign(token.as_bytes())?;
        token.push('.');
        token += &encode(&signature);
        Ok(token.into())
    }
}
