//! What a mutation's root may hold: each key once, and one field that checks a password or sets the cookie.
//!
//! async-graphql runs `{ login {a} login {b} }` twice, and a thousand aliases a thousand times: each would be a
//! guess at a password, and each would set the cookie.

use std::collections::HashSet;

use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};

use super::Refusal;
use crate::graphql::CREDENTIAL_FIELDS;

/// Refuses a mutation whose root, fragments expanded, repeats a key or has two credential fields.
///
/// `@skip` and `@include` are not looked at: what a variable could switch on counts as on.
pub fn check(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) -> Result<(), Refusal> {
    let mut roots = Roots {
        document,
        keys: HashSet::new(),
        credentials: 0,
    };
    roots.walk(&operation.selection_set.node)
}

struct Roots<'d> {
    document: &'d ExecutableDocument,
    keys: HashSet<&'d str>,
    credentials: usize,
}

impl<'d> Roots<'d> {
    /// Ends: a fragment holds at least one key, so that the second visit of any repeats one.
    fn walk(&mut self, set: &'d SelectionSet) -> Result<(), Refusal> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    if !self.keys.insert(field.response_key().node.as_str()) {
                        return Err(Refusal::invalid(
                            "A mutation may not repeat a key at its root: it would run twice",
                        )
                        .at(selection.pos));
                    }
                    self.credentials +=
                        usize::from(CREDENTIAL_FIELDS.contains(&field.name.node.as_str()));
                    if self.credentials > 1 {
                        return Err(Refusal::invalid(format!(
                            "An operation may have one of these fields, once: {}",
                            CREDENTIAL_FIELDS.join(", ")
                        ))
                        .at(selection.pos));
                    }
                }
                Selection::InlineFragment(inline) => {
                    self.walk(&inline.node.selection_set.node)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name) {
                        self.walk(&fragment.node.selection_set.node)?;
                    }
                }
            }
        }
        Ok(())
    }
}
