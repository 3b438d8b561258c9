//! The operations and fragments of a document.

use std::collections::{HashMap, HashSet};

use apollo_compiler::{
    Name, Node,
    ast::{Definition, Document, Field, FragmentDefinition, OperationDefinition, Selection},
};

use crate::graphql::guard::GuardError;

/// A document with its operations and fragments by name.
pub struct Definitions<'d> {
    /// The operations.
    pub operations: Vec<&'d Node<OperationDefinition>>,
    /// The fragments.
    pub fragments: HashMap<&'d str, &'d Node<FragmentDefinition>>,
}

impl<'d> Definitions<'d> {
    /// Finds the definitions of a document.
    pub fn of(document: &'d Document) -> Self {
        let mut all = Self {
            operations: vec![],
            fragments: HashMap::new(),
        };
        for definition in &document.definitions {
            match definition {
                Definition::OperationDefinition(operation) => all.operations.push(operation),
                Definition::FragmentDefinition(fragment) => {
                    all.fragments.insert(&fragment.name, fragment);
                }
                _ => {}
            }
        }
        all
    }

    /// Checks that no name is defined twice, and that an operation without a name is alone (GraphQL, sections 5.2.2, 5.2.3,
    /// 5.5.1.1 and 5.8.1).
    ///
    /// No service sees the whole document, so none could refuse it. Two readers could choose different definitions.
    pub fn check(document: &'d Document) -> Result<(), GuardError> {
        let all = Self::of(document);
        let mut names = HashSet::new();
        for operation in &all.operations {
            let refused =
                |message: String| Err(GuardError::invalid(message).at(operation.location()));
            match &operation.name {
                None if all.operations.len() > 1 => {
                    return refused("An operation without a name must be the only one".to_owned());
                }
                None => {}
                Some(name) if names.insert(name) => {}
                Some(name) => return refused(format!("There are two operations \"{name}\"")),
            }
            let mut variables = HashSet::new();
            for variable in &operation.variables {
                if !variables.insert(&variable.name) {
                    return refused(format!("There are two variables \"${}\"", variable.name));
                }
            }
        }
        let mut fragments = HashSet::new();
        for definition in &document.definitions {
            if let Definition::FragmentDefinition(fragment) = definition
                && !fragments.insert(&fragment.name)
            {
                let message = format!("There are two fragments \"{}\"", fragment.name);
                return Err(GuardError::invalid(message).at(fragment.location()));
            }
        }
        Ok(())
    }

    /// Returns the type condition of a selection, if it has one.
    pub fn condition<'s>(&'s self, selection: &'s Selection) -> Option<&'s Name> {
        match selection {
            Selection::Field(_) => None,
            Selection::InlineFragment(inline) => inline.type_condition.as_ref(),
            Selection::FragmentSpread(spread) => {
                let fragment = self.fragments.get(&*spread.fragment_name)?;
                Some(&fragment.type_condition)
            }
        }
    }

    /// Returns all root fields of an operation, with fragments expanded once.
    pub fn roots(&self, operation: &'d OperationDefinition) -> Vec<&'d Node<Field>> {
        let mut found = vec![];
        let mut visited = HashSet::new();
        let mut rest: Vec<_> = operation.selection_set.iter().collect();
        while let Some(selection) = rest.pop() {
            match selection {
                Selection::Field(field) => found.push(field),
                Selection::InlineFragment(inline) => rest.extend(&inline.selection_set),
                Selection::FragmentSpread(spread) => {
                    if visited.insert(spread.fragment_name.as_str())
                        && let Some(fragment) = self.fragments.get(&*spread.fragment_name)
                    {
                        rest.extend(&fragment.selection_set);
                    }
                }
            }
        }
        found
    }

    /// Chooses the operation to run (GraphQL, section 6.1).
    pub fn choose(&self, name: Option<&str>) -> Result<&'d Node<OperationDefinition>, GuardError> {
        let found = match (name, self.operations.as_slice()) {
            (None, [single]) => Some(single),
            (None, _) => None,
            (Some(name), all) => all
                .iter()
                .find(|operation| operation.name.as_deref() == Some(name)),
        };
        found
            .copied()
            .ok_or_else(|| GuardError::no_operation(name.is_some()))
    }
}
