//! Compares the guard, which measures each fragment once, with a simple measurement that expands all fragments.

mod expanded_document;

use std::sync::{Arc, LazyLock};

use gatelodge::{
    config::limits::Limits,
    graphql::{
        error_code::ErrorCode,
        guard::{Guard, OperationRequest},
        published::published_schema,
    },
};

use self::expanded_document::ExpandedDocument;

/// Limits that are low enough for small documents to exceed them.
static LIMITS: LazyLock<Limits> = LazyLock::new(|| {
    let config = gatelodge::cli::parse(["gatelodge".into()]).expect("settings");
    Limits {
        tokens: 300,
        depth: 6,
        complexity: 24,
        roots: 8,
        aliases: 6,
        arguments: 8,
        directives: 6,
        spreads: 10,
        ..config.limits
    }
});

/// A guard with introspection off, and one with introspection on.
static GUARDS: LazyLock<[Guard; 2]> = LazyLock::new(|| {
    let schema = Arc::new(published_schema().expect("the published schema"));
    [false, true].map(|on| Guard::new(LIMITS.clone(), on, Arc::clone(&schema)))
});

/// Checks one document.
pub fn check(bytes: &[u8]) {
    let Ok(query) = str::from_utf8(bytes) else {
        return;
    };
    for (guard, introspection) in GUARDS.iter().zip([false, true]) {
        let request = OperationRequest {
            query: Some(query.to_owned()),
            ..OperationRequest::default()
        };
        match guard.admit(&request) {
            Ok(_) => {
                let found = ExpandedDocument::of(query).expect("an admitted document is small");
                assert!(!found.endless, "admitted: {query}");
                assert_eq!(found.exceeds(), None, "admitted: {query}");
                assert!(introspection || !found.about_schema, "admitted: {query}");
                assert!(
                    found.repeated_keys == 0 && found.credentials <= 1,
                    "admitted: {query}"
                );
            }
            Err(refusals) => {
                for refusal in refusals {
                    if refusal.code == ErrorCode::OperationTooComplex {
                        let found = ExpandedDocument::of(query);
                        assert!(
                            found.is_none_or(|found| found.endless || found.exceeds().is_some()),
                            "{}: {query}",
                            refusal.message
                        );
                    }
                    if ["may not repeat a key", "only one of these fields"]
                        .iter()
                        .any(|words| refusal.message.contains(words))
                    {
                        let found =
                            ExpandedDocument::of(query).expect("an admitted document is small");
                        assert!(found.repeated_keys > 0 || found.credentials > 1, "{query}");
                    }
                }
            }
        }
    }
}
