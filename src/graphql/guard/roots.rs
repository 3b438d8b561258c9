//! Checks a mutation's root fields: each key appears once, and at most one field checks a password or sets the cookie.
//!
//! Otherwise one request with a thousand aliased logins could guess a thousand passwords.

use std::collections::HashSet;

use apollo_compiler::executable::{ExecutableDocument, Operation, Selection, SelectionSet, Value};

use super::GuardError;
use crate::graphql::CREDENTIAL_FIELDS;

/// Refuses a mutation whose root, with fragments expanded, repeats a key or has two credential fields.
///
/// `@skip` and `@include` are not evaluated: a field that a variable could switch on counts as on.
pub fn check(document: &ExecutableDocument, operation: &Operation) -> Result<(), GuardError> {
    let mut roots = Roots {
        document,
        keys: HashSet::new(),
        credentials: 0,
    };
    roots.walk(&operation.selection_set)
}

/// Whether a credential field of a mutation has a literal string as an argument. It may be a password, so the document
/// must not be cached.
pub fn holds_secret(document: &ExecutableDocument, operation: &Operation) -> bool {
    operation.is_mutation()
        && operation.root_fields(document).any(|field| {
            CREDENTIAL_FIELDS.contains(&field.name.as_str())
                && field
                    .arguments
                    .iter()
                    .any(|argument| has_string(&argument.value))
        })
}

fn has_string(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::List(values) => values.iter().any(|value| has_string(value)),
        Value::Object(fields) => fields.iter().any(|(_, value)| has_string(value)),
        _ => false,
    }
}

struct Roots<'d> {
    document: &'d ExecutableDocument,
    keys: HashSet<&'d str>,
    credentials: usize,
}

impl<'d> Roots<'d> {
    /// Terminates because every fragment has a key, so the second visit of a fragment repeats a key.
    fn walk(&mut self, set: &'d SelectionSet) -> Result<(), GuardError> {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    if !self.keys.insert(field.response_key()) {
                        return Err(GuardError::invalid(
                            "A mutation may not repeat a key at its root",
                        )
                        .at(field.location()));
                    }
                    self.credentials +=
                        usize::from(CREDENTIAL_FIELDS.contains(&field.name.as_str()));
                    if self.credentials > 1 {
                        return Err(GuardError::invalid(format!(
                            "An operation may have only one of these fields, once: {}",
                            CREDENTIAL_FIELDS.join(", ")
                        ))
                        .at(field.location()));
                    }
                }
                Selection::InlineFragment(inline) => self.walk(&inline.selection_set)?,
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name) {
                        self.walk(&fragment.selection_set)?;
                    }
                }
            }
        }
        Ok(())
    }
}
