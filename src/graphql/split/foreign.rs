//! Fragments for types that the upstream does not have: they never apply to its objects, and it would refuse their names.

use std::ops::Range;

use apollo_compiler::ast::Selection;

use super::halves::{Splitter, location};

impl Splitter<'_, '_> {
    /// Returns the tokens of all fragments in the document that are foreign to the upstream.
    pub(super) fn foreign(&self) -> Vec<Range<usize>> {
        let mut foreign = vec![];
        let mut rest: Vec<&[Selection]> = vec![&self.operation.selection_set];
        let fragments = self.definitions.fragments.values();
        rest.extend(fragments.map(|fragment| fragment.selection_set.as_slice()));
        while let Some(selections) = rest.pop() {
            for selection in selections {
                match selection {
                    selection if self.is_foreign(selection, false) => {
                        foreign.push(self.source.tokens_of(location(selection)));
                    }
                    Selection::Field(field) => rest.push(&field.selection_set),
                    Selection::InlineFragment(inline) => rest.push(&inline.selection_set),
                    Selection::FragmentSpread(_) => {}
                }
            }
        }
        foreign
    }

    /// Whether a fragment in the upstream's part is for a type of ours that the upstream does not have. Below `node`, it is
    /// for any type of ours: the object of an id that is not ours is never of such a type.
    pub(super) fn is_foreign(&self, selection: &Selection, is_node: bool) -> bool {
        let selections = match selection {
            Selection::Field(_) => return false,
            Selection::InlineFragment(inline) => Some(&inline.selection_set),
            Selection::FragmentSpread(spread) => {
                let fragment = self.definitions.fragments.get(&*spread.fragment_name);
                fragment.map(|fragment| &fragment.selection_set)
            }
        };
        // A fragment with nothing but foreign fragments.
        if selections.is_some_and(|selections| {
            let mut all = selections.iter();
            all.all(|selection| self.is_foreign(selection, is_node))
        }) {
            return true;
        }
        let condition = self.definitions.condition(selection);
        condition.is_some_and(|condition| {
            let own = self.facts.own_name(condition);
            let own = own.and_then(|own| self.own.types.get(own));
            match own {
                None => false,
                Some(ty) if is_node => ty.is_object() || !self.facts.may_have_type(condition),
                Some(_) => !self.facts.may_have_type(condition),
            }
        })
    }
}
