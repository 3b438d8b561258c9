//! Names of people that nearly are what an administrator typed.

use std::collections::BTreeSet;

use super::actor::Actor;
use crate::{
    auth::{Auth, Failure},
    domain::username::Username,
};

/// Names that a misspelt one is compared with, at most.
const MAX_COMPARED: u64 = 1000;
/// Letters wrong, missing, too many or swapped that make a slip and not another name, at most.
const MAX_SLIPS: usize = 2;
/// Names that are suggested, at most.
const MAX_NEAR: usize = 3;

impl Auth {
    /// Names of people that nearly are this one, the nearest first.
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
