//! Adapts the part that runs here to our own types: fields that the upstream adds to `User`, and renamed types.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use apollo_compiler::{
    Name, Node, Schema,
    ast::{Field, OperationDefinition, OperationType, Selection},
    schema::ExtendedType,
};
use apollo_parser::TokenKind;

use super::{
    JoinedField,
    definitions::Definitions,
    facts::{USER, UpstreamFacts, field},
    halves::location,
    roots::{Router, Side},
    text::{Part, Source},
};
use crate::graphql::guard::GuardError;

/// Follows the types of our part.
pub struct OwnTypes<'a, 'd> {
    source: Source<'a>,
    definitions: &'a Definitions<'d>,
    schema: &'a Schema,
    facts: &'a UpstreamFacts,
    kind: OperationType,
}

/// What our part has after it was adapted.
pub struct Adapted {
    /// The joined fields, by the token that stands for each.
    pub joined: HashMap<usize, JoinedField>,
    /// The fragments below the root that our part needs.
    pub fragments: HashSet<String>,
}

/// What is found on the way.
struct Found<'p, 't> {
    part: &'p mut Part<'t>,
    /// The joined fields, by the token that stands for each.
    joined: HashMap<usize, JoinedField>,
    visited: HashSet<String>,
}

impl<'a, 'd> OwnTypes<'a, 'd> {
    /// Prepares for a document.
    pub fn new(
        source: Source<'a>,
        definitions: &'a Definitions<'d>,
        schema: &'a Schema,
        facts: &'a UpstreamFacts,
        kind: OperationType,
    ) -> Self {
        Self {
            source,
            definitions,
            schema,
            facts,
            kind,
        }
    }

    /// Replaces each joined field by the user's id, under the same key, and gives renamed types our names.
    pub fn adapt(
        &self,
        part: &mut Part<'_>,
        router: &Router<'_>,
        operation: &OperationDefinition,
    ) -> Result<Adapted, GuardError> {
        let mut found = Found {
            part,
            joined: HashMap::new(),
            visited: HashSet::new(),
        };
        if let Some(root) = self.schema.root_operation(self.kind) {
            let own = router.all()?;
            for root_field in own.iter().filter(|root| root.side == Side::Own) {
                self.field(root_field.field, root, &mut found)?;
            }
        }
        let begin = operation.variables.first();
        let begin = begin.map_or(0, |first| self.source.tokens_of(first.location()).start);
        let end = operation.variables.last();
        let end = end.map_or(0, |last| self.source.tokens_of(last.location()).end);
        let is_used = |name: &str, part: &Part<'_>| {
            (1..self.source.tokens.len()).any(|index| {
                !(begin..end).contains(&index)
                    && part.has(index)
                    && self.source.token(index) == name
                    && self.source.tokens[index - 1].kind == TokenKind::Dollar
            })
        };
        for definition in &operation.variables {
            // The types of other variables are the upstream's.
            if !is_used(&definition.name, found.part) {
                continue;
            }
            self.rename(self.source.tokens_of(definition.ty.location()), &mut found)?;
        }
        Ok(Adapted {
            joined: found.joined,
            fragments: found.visited,
        })
    }

    fn set(
        &self,
        selections: &[Selection],
        ty: &Name,
        found: &mut Found<'_, '_>,
    ) -> Result<(), GuardError> {
        let is_all_foreign = selections
            .iter()
            .all(|selection| self.is_foreign(selection, ty));
        for (index, selection) in selections.iter().enumerate() {
            if self.is_foreign(selection, ty) {
                let tokens = self.source.tokens_of(location(selection));
                found.part.leave_out(tokens, is_all_foreign && index == 0);
                continue;
            }
            match selection {
                Selection::Field(field) => self.field(field, ty, found)?,
                Selection::InlineFragment(inline) => {
                    let inside = self.condition(inline.type_condition.as_ref(), found)?;
                    self.set(&inline.selection_set, inside.as_ref().unwrap_or(ty), found)?;
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.definitions.fragments.get(&*spread.fragment_name)
                        && found.visited.insert(fragment.name.to_string())
                    {
                        let inside = self.condition(Some(&fragment.type_condition), found)?;
                        let inside = inside.as_ref().unwrap_or(&fragment.type_condition);
                        self.set(&fragment.selection_set, inside, found)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a fragment is for a type of the upstream, in a place where an object of ours could be of many types. It never
    /// applies to ours.
    fn is_foreign(&self, selection: &Selection, ty: &Name) -> bool {
        let condition = self.definitions.condition(selection);
        let is_interface = matches!(self.schema.types.get(ty), Some(ExtendedType::Interface(_)));
        is_interface
            && condition.is_some_and(|condition| {
                let own = self.facts.own_name(condition);
                own.is_none_or(|own| !self.schema.types.contains_key(own))
                    && self.facts.may_have_type(condition)
            })
    }

    fn field(
        &self,
        node: &Node<Field>,
        parent: &Name,
        found: &mut Found<'_, '_>,
    ) -> Result<(), GuardError> {
        if let Some(definition) = field(self.schema, parent, &node.name) {
            let ty = definition.ty.inner_named_type().clone();
            return self.set(&node.selection_set, &ty, found);
        }
        if parent == USER && self.facts.user_fields.contains_key(node.name.as_str()) {
            return self.join(node, found);
        }
        // Validation refuses any other unknown field.
        self.keep_fragments(&node.selection_set, found);
        Ok(())
    }

    /// Keeps the fragments of a selection set without a type.
    fn keep_fragments(&self, selections: &[Selection], found: &mut Found<'_, '_>) {
        for selection in selections {
            match selection {
                Selection::Field(field) => self.keep_fragments(&field.selection_set, found),
                Selection::InlineFragment(inline) => {
                    self.keep_fragments(&inline.selection_set, found);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.definitions.fragments.get(&*spread.fragment_name)
                        && found.visited.insert(fragment.name.to_string())
                    {
                        self.keep_fragments(&fragment.selection_set, found);
                    }
                }
            }
        }
    }

    /// Replaces a joined field by the user's id. `@skip` and `@include` stay.
    fn join(&self, node: &Node<Field>, found: &mut Found<'_, '_>) -> Result<(), GuardError> {
        if self.kind != OperationType::Query {
            let message = format!(
                "\"{}\" comes from the service behind Gatelodge, so only queries can select it on \"{USER}\"",
                node.name
            );
            return Err(GuardError::invalid(message).at(node.location()));
        }
        let tokens = self.source.tokens_of(node.location());
        let begin = tokens.start;
        let name = self.source.tokens_of(node.name.location()).start;
        found.part.drop(tokens.clone());
        if let Some(alias) = &node.alias {
            found.part.replace(begin, format!("{alias}:id"));
        } else {
            found.part.replace(name, format!("{}:id", node.name));
        }
        for directive in &node.directives {
            if matches!(directive.name.as_str(), "skip" | "include") {
                found.part.keep(self.source.tokens_of(directive.location()));
            }
        }
        let field = JoinedField {
            name: node.name.to_string(),
            tokens,
        };
        found.joined.insert(begin, field);
        Ok(())
    }

    /// Returns our name of a type condition, and writes it into the part.
    fn condition(
        &self,
        condition: Option<&Name>,
        found: &mut Found<'_, '_>,
    ) -> Result<Option<Name>, GuardError> {
        let Some(condition) = condition else {
            return Ok(None);
        };
        self.rename(self.source.tokens_of(condition.location()), found)?;
        let own = self.facts.own_name(condition);
        Ok(own.and_then(|own| Name::new(own).ok()))
    }

    /// Gives the type names among tokens our names.
    fn rename(&self, tokens: Range<usize>, found: &mut Found<'_, '_>) -> Result<(), GuardError> {
        for index in tokens {
            if self.source.tokens[index].kind != TokenKind::Name || !found.part.has(index) {
                continue;
            }
            let shown = self.source.token(index);
            match self.facts.own_name(shown) {
                Some(own) if own == shown => {}
                Some(own) => found.part.replace(index, own),
                None => {
                    let message = format!(
                        "\"{shown}\" is a type of the service behind Gatelodge. Gatelodge's own type has the name \"{}\"",
                        self.facts.shown_name(shown)
                    );
                    let at = self.source.tokens[index].bytes.start;
                    return Err(GuardError::invalid(message).at_offset(at));
                }
            }
        }
        Ok(())
    }
}
