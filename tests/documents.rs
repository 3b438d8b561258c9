//! What the documents say is proven is proven by tests that exist.

use std::{fs, path::Path};

/// Every `path.rs::name` between back-ticks in a document.
fn proofs(document: &str) -> Vec<(&str, &str)> {
    document
        .split('`')
        .filter_map(|code| code.split_once(".rs::"))
        .filter(|(path, _)| path.starts_with("tests/") || path.starts_with("src/"))
        .collect()
}

#[test]
fn every_test_that_a_document_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for document in ["docs/asvs.md", "docs/security.md"] {
        let text = fs::read_to_string(root.join(document)).unwrap();
        for (path, name) in proofs(&text) {
            let path = format!("{path}.rs");
            let source = fs::read_to_string(root.join(&path))
                .unwrap_or_else(|_| panic!("{document} names {path}, which is not there"));
            let name = name.rsplit("::").next().unwrap();
            let is_test = source.contains(&format!("fn {name}("));
            assert!(
                is_test,
                "{document} names {path}::{name}, which is not there"
            );
            seen += 1;
        }
    }
    assert!(seen > 100, "the reader of documents reads nothing: {seen}");
}
