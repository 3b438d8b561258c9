//! The public documents: the key set (RFC 7517) and the issuer's metadata (OpenID Connect Discovery 1.0).

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::key_pair::{required_members, thumbprint};
use crate::{config::token::Algorithm, store::SigningKeyRow};

/// A public document, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicDocument {
    /// The JSON text.
    pub body: Arc<str>,
    /// The entity tag, with its quotes (RFC 9110, section 8.8.3).
    pub etag: Arc<str>,
}

impl PublicDocument {
    fn new(json: &Value) -> Self {
        let body = json.to_string();
        let etag = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..16]);
        Self {
            body: body.into(),
            etag: format!("\"{etag}\"").into(),
        }
    }
}

/// Returns the key set: the keys that sign, that will sign, and that signed tokens which may still be valid.
pub fn key_set<'r>(rows: impl Iterator<Item = &'r SigningKeyRow>) -> PublicDocument {
    let keys: Vec<_> = rows.filter_map(jwk).collect();
    PublicDocument::new(&json!({ "keys": keys }))
}

/// Returns a public key as JWK (RFC 7517, section 4), if its id is its thumbprint.
fn jwk(row: &SigningKeyRow) -> Option<Value> {
    let public_key = BASE64_URL_SAFE_NO_PAD.decode(&row.public_key).ok()?;
    let algorithm = Algorithm::named(&row.algorithm)?;
    if thumbprint(algorithm, &public_key)? != row.kid {
        return None;
    }
    let mut jwk = required_members(algorithm, &public_key)?;
    jwk["kid"] = row.kid.as_str().into();
    jwk["alg"] = row.algorithm.as_str().into();
    jwk["use"] = "sig".into();
    Some(jwk)
}

/// Returns the issuer's metadata. It has only members that are true of Gatelodge, which is no OpenID provider: verifiers
/// read the address of the key set from it.
pub fn metadata(issuer: &str, algorithm: &str, claims: &[&str]) -> PublicDocument {
    PublicDocument::new(&json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "id_token_signing_alg_values_supported": [algorithm],
        "subject_types_supported": ["public"],
        "claims_supported": claims,
    }))
}
