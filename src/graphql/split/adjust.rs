//! Adjusts a part for its side: names that the other side does not know, and directives that have no effect there.

use std::collections::HashSet;

use apollo_compiler::ast::{DirectiveList, Selection};
use apollo_parser::TokenKind;

use super::{
    halves::{Half, Splitter},
    roots::{FEDERATION_FIELDS, selection_directives},
    text::{INCREMENTAL, Part},
};
use crate::graphql::guard::GuardError;

impl<'a, 'd> Splitter<'a, 'd> {
    /// Refuses names that the upstream must not answer below its root fields.
    pub(super) fn check_upstream(
        &self,
        is_upstreams: impl Fn(usize) -> bool,
    ) -> Result<(), GuardError> {
        for index in 0..self.source.tokens.len() {
            let name = self.source.token(index);
            let is_refused =
                matches!(name, "__schema" | "__type") || FEDERATION_FIELDS.contains(&name);
            if is_refused
                && self.source.tokens[index].kind == TokenKind::Name
                && is_upstreams(index)
            {
                let message = format!("\"{name}\" cannot be selected inside another field");
                return Err(
                    GuardError::invalid(message).at_offset(self.source.tokens[index].bytes.start)
                );
            }
        }
        Ok(())
    }

    /// Gives all fragments on root types the upstream's names of these types. Its payloads may return to its root type.
    pub(super) fn rename_roots(&self, half: &mut Half<'a, 'd>) {
        let fragments = half.roots.iter().chain(&half.nested);
        let fragments: Vec<_> = fragments.copied().collect();
        let mut conditions: Vec<_> = fragments
            .iter()
            .map(|fragment| &fragment.type_condition)
            .collect();
        let mut rest = vec![&self.operation.selection_set];
        rest.extend(fragments.iter().map(|fragment| &fragment.selection_set));
        while let Some(selections) = rest.pop() {
            for selection in selections {
                match selection {
                    Selection::Field(field) => rest.push(&field.selection_set),
                    Selection::InlineFragment(inline) => {
                        rest.push(&inline.selection_set);
                        conditions.extend(&inline.type_condition);
                    }
                    Selection::FragmentSpread(_) => {}
                }
            }
        }
        for condition in conditions {
            let name = self.facts.upstream_name(condition);
            let token = self.source.tokens_of(condition.location()).start;
            if name != condition.as_str() && half.part.has(token) {
                half.part.replace(token, name);
            }
        }
    }

    /// Drops the fragments that only joined fields spread: they are on types of the upstream.
    pub(super) fn drop_fragments(&self, half: &mut Half<'a, 'd>, kept: &HashSet<String>) {
        for fragment in &half.nested {
            let is_root = half.roots.iter().any(|root| root.name == fragment.name);
            if !is_root && !kept.contains(fragment.name.as_str()) {
                half.part.drop(self.source.tokens_of(fragment.location()));
            }
        }
    }

    pub(super) fn drop_directives(
        &self,
        part: &mut Part<'a>,
        directives: &DirectiveList,
        which: impl Fn(&str) -> bool,
    ) {
        for directive in directives {
            if which(&directive.name) {
                part.drop(self.source.tokens_of(directive.location()));
            }
        }
    }

    /// Drops the incremental directives of a part.
    pub(super) fn drop_incremental(&self, half: &mut Half<'a, 'd>) {
        let mut selections = vec![&self.operation.selection_set];
        let fragments = half.roots.iter().chain(&half.nested);
        selections.extend(fragments.map(|fragment| &fragment.selection_set));
        while let Some(selections_of) = selections.pop() {
            for selection in selections_of {
                let directives = selection_directives(selection);
                self.drop_directives(&mut half.part, directives, |name| {
                    INCREMENTAL.contains(&name)
                });
                match selection {
                    Selection::Field(field) => selections.push(&field.selection_set),
                    Selection::InlineFragment(inline) => selections.push(&inline.selection_set),
                    Selection::FragmentSpread(_) => {}
                }
            }
        }
    }
}
