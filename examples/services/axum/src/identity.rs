//! The user of a request, by Gatelodge's identity token: `async fn handler(user: User)`.

use std::{env, sync::LazyLock, time::Duration};

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header::AUTHORIZATION, request::Parts},
};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{Jwk, JwkSet, KeyAlgorithm},
};
use serde::{Deserialize, Serialize};
use tokio::{sync::Mutex, time::Instant};

/// The claims that this service uses. jsonwebtoken checks `exp`, `iss` and `aud`. The gateway's own requests have neither
/// name nor roles.
#[derive(Deserialize, Serialize)]
pub struct User {
    #[serde(rename(deserialize = "sub"))]
    pub id: String,
    #[serde(default, rename(deserialize = "preferred_username"))]
    pub name: String,
    #[serde(default)]
    pub roles: Vec<String>,
}

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let header = parts.headers.get(AUTHORIZATION);
        let token = header
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .ok_or(StatusCode::UNAUTHORIZED)?;
        verify(token).await
    }
}

async fn verify(token: &str) -> Result<User, StatusCode> {
    let header = decode_header(token).map_err(|_| StatusCode::UNAUTHORIZED)?;
    let kid = header.kid.ok_or(StatusCode::UNAUTHORIZED)?;
    let key = KEYS.find(&kid).await?.ok_or(StatusCode::UNAUTHORIZED)?;
    // The algorithm is the key's, never the token's.
    let algorithm = match key.common.key_algorithm {
        Some(KeyAlgorithm::ES256) => Algorithm::ES256,
        Some(KeyAlgorithm::EdDSA) => Algorithm::EdDSA,
        _ => return Err(StatusCode::UNAUTHORIZED),
    };
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[&*ISSUER]);
    validation.set_audience(&[setting("GATELODGE_TOKEN_AUDIENCE", "gatelodge")]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let key = DecodingKey::from_jwk(&key).map_err(|_| StatusCode::UNAUTHORIZED)?;
    let token = decode(token, &key, &validation).map_err(|_| StatusCode::UNAUTHORIZED)?;
    Ok(token.claims)
}

static ISSUER: LazyLock<String> =
    LazyLock::new(|| setting("GATELODGE_PUBLIC_URL", "http://localhost:8000"));
static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys {
    url: setting(
        "GATELODGE_JWKS_URL",
        &format!("{}/.well-known/jwks.json", *ISSUER),
    ),
    fetched: Mutex::new(None),
});

fn setting(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}

/// The gateway's public keys, fetched again when they are old, or when a token names another one.
struct Keys {
    url: String,
    fetched: Mutex<Option<(Instant, JwkSet)>>,
}

impl Keys {
    const MAX_AGE: Duration = Duration::from_mins(5);
    /// Forged tokens with unknown keys must not send a request each.
    const COOLDOWN: Duration = Duration::from_secs(30);

    async fn find(&self, kid: &str) -> Result<Option<Jwk>, StatusCode> {
        let mut fetched = self.fetched.lock().await;
        let known = fetched
            .as_ref()
            .map(|(at, keys)| (at.elapsed(), keys.find(kid).cloned()));
        match known {
            Some((age, Some(key))) if age < Self::MAX_AGE => return Ok(Some(key)),
            Some((age, None)) if age < Self::COOLDOWN => return Ok(None),
            _ => (),
        }
        let keys = self.fetch().await.map_err(|error| {
            eprintln!("the gateway's keys cannot be fetched: {error}");
            StatusCode::SERVICE_UNAVAILABLE
        })?;
        let key = keys.find(kid).cloned();
        *fetched = Some((Instant::now(), keys));
        Ok(key)
    }

    async fn fetch(&self) -> reqwest::Result<JwkSet> {
        let client = reqwest::Client::builder()
            .timeout(Duration::from_secs(5))
            .build()?;
        client
            .get(&self.url)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await
    }
}
