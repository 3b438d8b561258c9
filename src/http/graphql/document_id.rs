//! The id of a persisted query or trusted document.
//!
//! A request has it as `extensions.persistedQuery.sha256Hash` (Apollo's protocol) or as `documentId` (GraphQL over HTTP,
//! appendix A). If a request has a hash and a query, the hash must match. Otherwise one client could register its own
//! document under the hash of another client's document.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    graphql::{
        error_code::ErrorCode,
        guard::{is_sha256, normal_id},
    },
    http::ErrorResponse,
};

/// Returns a request's document id, if any.
pub fn read(
    query: Option<&str>,
    document_id: Option<String>,
    extensions: Option<&Map<String, Value>>,
) -> Result<Option<String>, ErrorResponse> {
    let refused = |message| ErrorResponse::new(ErrorCode::BadRequest, message);
    let persisted = extensions.and_then(|extensions| extensions.get("persistedQuery"));
    let hash = match persisted {
        None | Some(Value::Null) => None,
        Some(persisted) => match (persisted.get("version"), persisted.get("sha256Hash")) {
            (Some(version), Some(Value::String(hash))) if version == 1 => Some(hash.clone()),
            _ => {
                return Err(refused(
                    "extensions.persistedQuery must have version 1 and a sha256Hash",
                ));
            }
        },
    };
    let (hash, document_id) = (
        hash.as_deref().map(normal_id),
        document_id.as_deref().map(normal_id),
    );
    let id = match (hash, document_id) {
        (Some(hash), Some(id)) if hash != id => {
            return Err(refused("The request names two different documents"));
        }
        (hash, id) => hash.or(id),
    };
    let Some(id) = id else { return Ok(None) };
    if let Some(query) = query {
        if !is_sha256(&id) {
            // An id in a manifest's own format proves nothing about the query. The query itself is used.
            return Ok(None);
        }
        let mut hash = [0; 64];
        let digest = Sha256::digest(query);
        if base16ct::lower::encode_str(&digest, &mut hash).ok() != Some(id.as_str()) {
            return Err(refused("The hash is not the query's SHA-256"));
        }
    }
    Ok(Some(id))
}
