//! Trusted documents: the only documents that may run, from manifests that a frontend's build writes.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Map, Value};
use thiserror::Error;

use super::{Document, Guard, normal_id};

/// Trusted documents, by id and by text.
#[derive(Default)]
pub struct TrustedDocuments {
    by_id: HashMap<String, Arc<Document>>,
    by_text: HashMap<Arc<str>, Arc<Document>>,
}

/// A manifest that cannot be used.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// The file cannot be read.
    #[error("cannot read {path}: {error}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file has an unknown format.
    #[error(
        "{0} is not a manifest. Use a JSON object of ids and documents, as Relay and \
         graphql-codegen write it, or a file of Apollo's generate-persisted-query-manifest"
    )]
    Form(PathBuf),
    /// The guard refuses one of its documents.
    #[error("the document `{id}` of {path} is refused: {why}")]
    Document {
        /// The file.
        path: PathBuf,
        /// The document's id.
        id: String,
        /// What is wrong with it.
        why: String,
    },
    /// Two documents have the same id.
    #[error("two different documents have the id `{id}`. The second is in {path}")]
    DuplicateId {
        /// The file.
        path: PathBuf,
        /// The id.
        id: String,
    },
}

impl TrustedDocuments {
    /// Reads the manifests. A document that runs here alone must pass the guard. One with fields of the upstream is checked when it
    /// runs, because it depends on the upstream's schema.
    pub fn read(paths: &[PathBuf], guard: &Guard) -> Result<Self, ManifestError> {
        let mut trusted = Self::default();
        for path in paths {
            for (id, text) in manifest(path)? {
                let id = normal_id(&id);
                let document = guard
                    .read(&text)
                    .map_err(|refusals| ManifestError::Document {
                        path: path.clone(),
                        id: id.clone(),
                        why: refusals
                            .into_iter()
                            .next()
                            .map_or_else(String::new, |refusal| refusal.message),
                    })?;
                if let Some(other) = trusted.by_id.get(&id)
                    && other.text != document.text
                {
                    let path = path.clone();
                    return Err(ManifestError::DuplicateId { path, id });
                }
                let text = Arc::clone(&document.text);
                trusted.by_text.insert(text, Arc::clone(&document));
                trusted.by_id.insert(id, document);
            }
        }
        Ok(trusted)
    }

    /// Returns a document by its id.
    pub fn by_id(&self, id: &str) -> Option<&Arc<Document>> {
        self.by_id.get(id)
    }

    /// Returns a document by its exact text.
    pub fn by_text(&self, text: &str) -> Option<&Arc<Document>> {
        self.by_text.get(text)
    }
}

/// Reads the ids and documents of a manifest.
fn manifest(path: &Path) -> Result<Vec<(String, String)>, ManifestError> {
    let bytes = fs::read(path).map_err(|error| ManifestError::Read {
        path: path.to_owned(),
        error,
    })?;
    let form = || ManifestError::Form(path.to_owned());
    let json: Map<String, Value> = serde_json::from_slice(&bytes).map_err(|_| form())?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let documents: Option<Vec<_>> = match json.get("operations") {
        Some(Value::Array(operations)) => operations
            .iter()
            .map(|operation| Some((text(operation.get("id")?)?, text(operation.get("body")?)?)))
            .collect(),
        _ => json
            .iter()
            .map(|(id, document)| Some((id.clone(), text(document)?)))
            .collect(),
    };
    documents.ok_or_else(form)
}
