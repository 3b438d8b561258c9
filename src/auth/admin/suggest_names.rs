//! Usernames that are similar to what an administrator typed.

use std::collections::BTreeSet;

use super::actor::Actor;
use crate::{
    auth::{Auth, Failure},
    domain::username::Username,
};

/// The maximum number of usernames that are compared with a misspelt one.
const MAX_COMPARED: u64 = 1000;
/// The maximum edit distance of a suggestion: letters that are wrong, missing, extra or swapped.
const MAX_SLIPS: usize = 2;
/// The maximum number of suggestions.
const MAX_NEAR: usize = 3;

impl Auth {
    /// Returns usernames that are similar to this one, the most similar first.
    ///
    /// Compares at most 1,000 names that begin with the same letters, which the index finds.
    pub async fn suggest_names(
        &self,
        _: &Actor<'_>,
        name: &Username,
    ) -> Result<Vec<String>, Failure> {
        let typed: Vec<_> = name.key().chars().collect();
        let far = (typed.len() / 3).clamp(1, MAX_SLIPS);
        let near = |other: String| {
            let key = Username::parse(&other).ok()?;
            let distance = strsim::osa_distance(name.key(), key.key());
            (distance <= far).then_some((distance, other))
        };
        let users = self.store.users();
        let mut found = BTreeSet::new();
        for length in [(typed.len() - 1).max(1), typed.len().div_ceil(2), 1] {
            let beginning: String = typed[..length].iter().collect();
            let names = users.names(&beginning, MAX_COMPARED).await?;
            found.extend(names.into_iter().filter_map(near));
            if !found.is_empty() {
                break;
            }
        }
        let nearest = found.into_iter().take(MAX_NEAR);
        Ok(nearest.map(|(_, name)| name).collect())
    }
}
