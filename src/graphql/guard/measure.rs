//! Measures the cost of a document with its fragments expanded.
//!
//! A few bytes of fragments that spread each other can select exponentially many fields. Each fragment is measured
//! once, so the cost of the expanded document is found in time linear in its text.

use std::collections::HashMap;

use apollo_compiler::{
    Name, Node,
    ast::{Definition, Document, FragmentDefinition, OperationDefinition, Selection},
};

use super::{
    GuardError,
    cost::{Cost, Rules},
};

/// Measures one document.
pub struct Measure<'d> {
    rules: &'d Rules,
    fragments: HashMap<&'d Name, &'d Node<FragmentDefinition>>,
    /// The costs of fragments; `None` while a fragment is being measured.
    known: HashMap<&'d Name, Option<Cost>>,
}

impl<'d> Measure<'d> {
    /// Refuses a document if one of its operations or fragments exceeds a limit.
    pub fn check(document: &'d Document, rules: &'d Rules) -> Result<(), GuardError> {
        let mut fragments = HashMap::new();
        for definition in &document.definitions {
            match definition {
                Definition::FragmentDefinition(fragment) => {
                    if fragments.insert(&fragment.name, fragment).is_some() {
                        return Err(GuardError::invalid("Two fragments have the same name")
                            .at(fragment.location()));
                    }
                }
                Definition::OperationDefinition(_) => {}
                _ => return Err(GuardError::invalid("A request may not define types")),
            }
        }
        let mut measure = Self {
            rules,
            fragments,
            known: HashMap::new(),
        };
        for definition in &document.definitions {
            match definition {
                Definition::OperationDefinition(operation) => {
                    let cost = measure.operation(operation)?;
                    rules.check_roots(&cost)?;
                    rules.check(&cost)?;
                }
                // Validation also reads unused fragments.
                Definition::FragmentDefinition(fragment) => {
                    rules.check(&measure.fragment(&fragment.name)?)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn operation(&mut self, operation: &'d OperationDefinition) -> Result<Cost, GuardError> {
        let mut cost = self.set(&operation.selection_set)?;
        cost.add_directives(&operation.directives);
        for variable in &operation.variables {
            cost.add_directives(&variable.directives);
        }
        Ok(cost)
    }

    fn set(&mut self, set: &'d [Selection]) -> Result<Cost, GuardError> {
        let mut sum = Cost::default();
        for selection in set {
            let cost = match selection {
                Selection::Field(field) => {
                    let inside = self.set(&field.selection_set)?;
                    let mut cost = self
                        .rules
                        .enter(&field.name, inside)
                        .map_err(|refusal| refusal.at(field.location()))?;
                    cost.aliases += usize::from(field.alias.is_some());
                    cost.arguments = cost.arguments.saturating_add(field.arguments.len());
                    cost.add_directives(&field.directives);
                    cost
                }
                Selection::InlineFragment(inline) => {
                    let mut cost = self.set(&inline.selection_set)?;
                    cost.add_directives(&inline.directives);
                    cost
                }
                Selection::FragmentSpread(spread) => {
                    let mut cost = self
                        .fragment(&spread.fragment_name)
                        .map_err(|refusal| refusal.at(spread.location()))?;
                    cost.spreads = cost.spreads.saturating_add(1);
                    cost.add_directives(&spread.directives);
                    cost
                }
            };
            sum.add(&cost);
        }
        Ok(sum)
    }

    fn fragment(&mut self, name: &Name) -> Result<Cost, GuardError> {
        let Some((&name, &fragment)) = self.fragments.get_key_value(name) else {
            return Err(GuardError::invalid(
                "A fragment that is spread is not defined",
            ));
        };
        match self.known.get(name) {
            Some(Some(cost)) => return Ok(*cost),
            Some(None) => return Err(GuardError::invalid("A fragment spreads itself")),
            None => {}
        }
        self.known.insert(name, None);
        let mut cost = self.set(&fragment.selection_set)?;
        cost.add_directives(&fragment.directives);
        self.known.insert(name, Some(cost));
        Ok(cost)
    }
}
