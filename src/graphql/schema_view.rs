//! The schema that clients see: ours, or ours and the upstream's as one. It changes while serving, when the upstream's does.

use std::sync::{Arc, PoisonError, RwLock};

use apollo_compiler::{Schema, validation::Valid};

use super::{merged::MergedSchema, split::UpstreamFacts};

/// What is known of the schemas at one time.
pub struct SchemaView {
    /// The schema that introspection shows.
    pub merged: Arc<Valid<Schema>>,
    /// What is known of the upstream's schema.
    pub facts: UpstreamFacts,
    /// Why the upstream's schema is not shown, for operators.
    pub problem: Option<String>,
}

impl SchemaView {
    /// Shows our schema alone.
    pub fn alone(ours: Arc<Valid<Schema>>, problem: Option<String>) -> Self {
        Self {
            merged: ours,
            facts: UpstreamFacts::default(),
            problem,
        }
    }

    /// Shows both schemas as one.
    pub fn of(merged: &MergedSchema) -> Self {
        let upstream = merged.upstream();
        let other_than = |ours: &str, theirs: &str| (theirs != ours).then(|| theirs.to_owned());
        let mutation_root = upstream.mutation_root();
        let subscription_root = upstream.subscription_root();
        let facts = UpstreamFacts {
            query_root: other_than("Query", upstream.query_root()),
            mutation_root: mutation_root.and_then(|name| other_than("Mutation", name)),
            subscription_root: subscription_root.and_then(|name| other_than("Subscription", name)),
            query_fields: Some(
                upstream
                    .query_fields()
                    .map(|(name, is_nullable)| (name.to_string(), is_nullable))
                    .collect(),
            ),
            user_fields: merged
                .user_fields()
                .map(|field| (field.name.to_string(), !field.ty.is_non_null()))
                .collect(),
            types: Some(upstream.type_names().map(ToString::to_string).collect()),
            renamed: merged
                .renamed()
                .map(|(shown, own)| (shown.to_string(), own.to_string()))
                .collect(),
        };
        Self {
            merged: Arc::new(merged.schema().clone()),
            facts,
            problem: None,
        }
    }
}

/// The current view.
pub struct CurrentView(RwLock<Arc<SchemaView>>);

impl CurrentView {
    /// Begins with a view.
    pub fn new(view: SchemaView) -> Self {
        Self(RwLock::new(Arc::new(view)))
    }

    /// Returns the view.
    pub fn get(&self) -> Arc<SchemaView> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the view.
    pub fn set(&self, view: SchemaView) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(view);
    }
}
