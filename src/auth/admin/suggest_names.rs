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
/// Code points of a script that lie together: letters that may have been meant.
const SCRIPT: u32 = 0x80;

impl Auth {
    /// Names of people that nearly are this one, the nearest first.
    ///
    /// There may be millions: names that begin like it are compared, and not too many of them; a slip in the first letter
    /// is undone in every likely way, so that the index finds what is left.
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
        let others = users.called(&beginning_otherwise(&typed)).await?;
        found.extend(others.into_iter().filter_map(near));
        let nearest = found.into_iter().take(MAX_NEAR);
        Ok(nearest.map(|(_, name)| name).collect())
    }
}

/// What was meant if the first letter is wrong, missing, one too many, or swapped with the second: a few hundred names.
fn beginning_otherwise(typed: &[char]) -> Vec<String> {
    let [first, rest @ ..] = typed else {
        return vec![];
    };
    let mut names = vec![rest.iter().collect()];
    if let [second, rest @ ..] = rest {
        names.push([second, first].into_iter().chain(rest).collect());
    }
    let script = u32::from(*first) / SCRIPT * SCRIPT;
    let letters = (0..2 * SCRIPT).chain(script..script + SCRIPT);
    for letter in letters.filter_map(char::from_u32) {
        if letter.is_alphanumeric() && !letter.is_uppercase() {
            names.push([&letter].into_iter().chain(rest).collect());
            names.push([&letter].into_iter().chain(typed).collect());
        }
    }
    names
}
