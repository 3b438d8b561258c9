//! Builds the parts of an operation.

use std::collections::{HashMap, HashSet};

use apollo_compiler::{
    Node, Schema,
    ast::{FragmentDefinition, OperationDefinition, Selection},
};
use apollo_parser::TokenKind;

use super::{
    OwnPart, Split, UpstreamPart,
    definitions::Definitions,
    facts::UpstreamFacts,
    joined::reached_fragments,
    own_types::OwnTypes,
    roots::{Router, Side},
    sides::sides,
    text::{INCREMENTAL, Part, Source},
};
use crate::graphql::guard::GuardError;

/// Splits an operation, or returns why it cannot run.
pub fn split(
    source: Source<'_>,
    definitions: &Definitions<'_>,
    operation: &Node<OperationDefinition>,
    router: &Router<'_>,
    own: &Schema,
    facts: &UpstreamFacts,
) -> Result<Split, GuardError> {
    let sides = sides(router, operation)?;
    let splitter = Splitter {
        source,
        definitions,
        operation,
        own,
        router,
        facts,
    };
    let has = |side| sides.contains(&side);
    let is_mixed = sides.len() > 1;
    let mut own_half = None;
    let mut joined = HashMap::new();
    let mut foreign = vec![];
    if has(Side::Own) {
        let mut half = splitter.half(Side::Own)?;
        // A directive of the operation is the upstream's, if it takes part.
        if has(Side::Upstream) {
            splitter.drop_directives(&mut half.part, &operation.directives, |_| true);
        }
        splitter.drop_incremental(&mut half);
        let types = OwnTypes::new(source, definitions, own, facts, operation.operation_type);
        let adapted = types.adapt(&mut half.part, router, operation)?;
        splitter.drop_fragments(&mut half, &adapted.fragments);
        joined = adapted.joined;
        let mut fields: Vec<_> = joined.values().map(|field| field.tokens.clone()).collect();
        foreign = splitter.foreign();
        fields.extend(reached_fragments(source, definitions, &fields, &foreign));
        splitter.check_upstream(|index| fields.iter().any(|field| field.contains(&index)))?;
        own_half = Some(half);
    }
    let mut introspection = None;
    if has(Side::Introspection) {
        let mut half = splitter.half(Side::Introspection)?;
        if is_mixed {
            splitter.drop_directives(&mut half.part, &operation.directives, |_| true);
        }
        introspection = Some(half);
    }
    let mut upstream = None;
    if has(Side::Upstream) {
        let mut half = splitter.half(Side::Upstream)?;
        splitter.check_upstream(|index| half.part.has(index))?;
        splitter.rename_roots(&mut half);
        if is_mixed {
            splitter.drop_incremental(&mut half);
        }
        upstream = Some(half);
    }
    let mut halves: Vec<_> = [&mut own_half, &mut introspection, &mut upstream]
        .into_iter()
        .filter_map(Option::as_mut)
        .collect();
    splitter.keep_variables(&mut halves);
    Ok(Split {
        kind: operation.operation_type,
        name: operation.name.as_ref().map(ToString::to_string),
        own: own_half.map(|half| {
            let rendered = half.part.render();
            let begins = rendered.replaced.iter();
            OwnPart {
                joined: begins
                    .filter_map(|(at, token, _)| Some((*at, joined.get(token)?.clone())))
                    .collect(),
                foreign,
                shifts: rendered.shifts(source),
                text: rendered.text,
            }
        }),
        introspection: introspection.map(|half| half.part.render().text),
        upstream: upstream.map(|half| UpstreamPart {
            is_incremental: half.is_incremental(source),
            text: half.part.render().text,
            variables: half.variables,
        }),
    })
}

pub(super) struct Splitter<'a, 'd> {
    pub(super) source: Source<'a>,
    pub(super) definitions: &'a Definitions<'d>,
    pub(super) operation: &'a Node<OperationDefinition>,
    pub(super) own: &'a Schema,
    router: &'a Router<'d>,
    pub(super) facts: &'a UpstreamFacts,
}

/// The part of one side, before its variables are known.
pub(super) struct Half<'a, 'd> {
    pub(super) part: Part<'a>,
    /// Fragments on the root type that are spread at the root.
    pub(super) roots: Vec<&'d Node<FragmentDefinition>>,
    /// All other fragments of the part.
    pub(super) nested: Vec<&'d Node<FragmentDefinition>>,
    pub(super) variables: Vec<String>,
}

/// A selection set inside a root field.
#[derive(Clone, Copy)]
struct Nested<'d> {
    selections: &'d [Selection],
    /// Whether it selects the object of `node`.
    is_node: bool,
}

impl Half<'_, '_> {
    /// Whether the part has an incremental directive.
    fn is_incremental(&self, source: Source<'_>) -> bool {
        (1..source.tokens.len()).any(|index| {
            self.part.has(index)
                && INCREMENTAL.contains(&source.token(index))
                && source.tokens[index - 1].kind == TokenKind::At
        })
    }
}

impl<'a, 'd> Splitter<'a, 'd> {
    /// Returns the part of a side, with all variables.
    fn half(&self, side: Side) -> Result<Half<'a, 'd>, GuardError>
    where
        'a: 'd,
    {
        let mut half = Half {
            part: Part::new(self.source),
            roots: vec![],
            nested: vec![],
            variables: vec![],
        };
        half.part
            .keep(self.source.tokens_of(self.operation.location()));
        let mut nested = vec![];
        let mut visited = HashSet::new();
        self.drop_others(
            side,
            &self.operation.selection_set,
            &mut half,
            &mut visited,
            &mut nested,
        );
        // Fragments below the root, and the fragments that they spread. Those of `node` come last: a fragment that is also
        // spread elsewhere may be for objects that `node` does not return.
        let (of_nodes, others): (Vec<_>, Vec<_>) =
            nested.into_iter().partition(|nested| nested.is_node);
        let mut found = HashSet::new();
        for mut rest in [others, of_nodes] {
            while let Some(current) = rest.pop() {
                let is_foreign = |selection: &&Selection| {
                    side == Side::Upstream && self.is_foreign(selection, current.is_node)
                };
                let mut all = current.selections.iter();
                let is_all_foreign = all.all(|selection| is_foreign(&selection));
                for (index, selection) in current.selections.iter().enumerate() {
                    if is_foreign(&selection) {
                        let tokens = self.source.tokens_of(location(selection));
                        half.part.leave_out(tokens, is_all_foreign && index == 0);
                        continue;
                    }
                    let inside = |selections| Nested {
                        selections,
                        ..current
                    };
                    match selection {
                        // The objects inside a field may be of any type.
                        Selection::Field(field) => rest.push(Nested {
                            selections: &field.selection_set,
                            is_node: false,
                        }),
                        Selection::InlineFragment(inline) => {
                            rest.push(inside(&inline.selection_set));
                        }
                        Selection::FragmentSpread(spread) => {
                            if let Some(fragment) =
                                self.definitions.fragments.get(&*spread.fragment_name)
                                && found.insert(&fragment.name)
                            {
                                self.check_nested(side, fragment, &visited)?;
                                half.part.keep(self.source.tokens_of(fragment.location()));
                                half.nested.push(fragment);
                                rest.push(inside(&fragment.selection_set));
                            }
                        }
                    }
                }
            }
        }
        Ok(half)
    }

    /// Drops the root fields of other sides. Collects the selections of this side's fields.
    fn drop_others(
        &self,
        side: Side,
        selections: &'d [Selection],
        half: &mut Half<'a, 'd>,
        visited: &mut HashSet<&'d str>,
        nested: &mut Vec<Nested<'d>>,
    ) {
        for selection in selections {
            if !self.has(side, selection) {
                half.part.drop(self.source.tokens_of(location(selection)));
                continue;
            }
            match selection {
                Selection::Field(field) => nested.push(Nested {
                    selections: &field.selection_set,
                    is_node: field.name == "node",
                }),
                Selection::InlineFragment(inline) => {
                    self.drop_others(side, &inline.selection_set, half, visited, nested);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.definitions.fragments.get(&*spread.fragment_name)
                        && visited.insert(&fragment.name)
                    {
                        half.part.keep(self.source.tokens_of(fragment.location()));
                        half.roots.push(fragment);
                        self.drop_others(side, &fragment.selection_set, half, visited, nested);
                    }
                }
            }
        }
    }

    /// Whether a selection at the root has a field of a side. Terminates because the guard has refused cycles.
    fn has(&self, side: Side, selection: &Selection) -> bool {
        let any = |selections: &[Selection]| selections.iter().any(|inner| self.has(side, inner));
        match selection {
            Selection::Field(field) => self.router.side(field) == side,
            Selection::InlineFragment(inline) => any(&inline.selection_set),
            Selection::FragmentSpread(spread) => {
                let fragment = self.definitions.fragments.get(&*spread.fragment_name);
                fragment.is_some_and(|fragment| any(&fragment.selection_set))
            }
        }
    }

    /// Refuses a fragment with fields of several sides that is spread at the root and inside another field: at the root, it
    /// loses the other side's fields, and inside it would need them.
    fn check_nested(
        &self,
        side: Side,
        fragment: &Node<FragmentDefinition>,
        at_root: &HashSet<&'d str>,
    ) -> Result<(), GuardError> {
        let has_others = [Side::Own, Side::Introspection, Side::Upstream]
            .into_iter()
            .filter(|other| *other != side)
            .any(|other| {
                let mut selections = fragment.selection_set.iter();
                selections.any(|selection| self.has(other, selection))
            });
        if at_root.contains(fragment.name.as_str()) && has_others {
            let message = format!(
                "The fragment \"{}\" is spread at the root and inside another field. Use two fragments",
                fragment.name
            );
            return Err(GuardError::invalid(message).at(fragment.location()));
        }
        Ok(())
    }
}

/// Returns the position of a selection.
pub(super) fn location(selection: &Selection) -> Option<apollo_compiler::parser::SourceSpan> {
    match selection {
        Selection::Field(field) => field.location(),
        Selection::InlineFragment(inline) => inline.location(),
        Selection::FragmentSpread(spread) => spread.location(),
    }
}
