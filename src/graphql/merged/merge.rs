//! The merge rules.
//!
//! | both have | result |
//! |---|---|
//! | the same definition | one definition |
//! | `User`, the upstream's with `@key(fields: "id")` | the upstream's extends ours (`user`) |
//! | the same root field `node` or `nodes` | one field |
//! | another root field of the same name | refused (`roots`) |
//! | different types of the same name | refused, or ours is renamed by `type-prefix` |
//! | different directives of the same name | refused |

use apollo_compiler::{
    Name, Schema,
    ast::OperationType,
    collections::{HashSet, IndexMap},
    schema::ExtendedType,
    validation::Valid,
};

use super::{
    Clash, MergedSchema, UpstreamSchema,
    clash::kind,
    equality::Renames,
    position::{first_error, position},
    references::references,
    rename::rename,
    roots, user,
};
use crate::graphql::split::USER;

/// The directives that every server has. Ours are shown.
const SPECIFIED_DIRECTIVES: &[&str] = &["deprecated", "include", "skip", "specifiedBy"];
/// The directive that makes an input type a one-of input. Printers leave out its definition.
const ONE_OF: &str = "directive @oneOf on INPUT_OBJECT";

/// Merges both schemas.
pub fn merge(
    ours: &Valid<Schema>,
    theirs: UpstreamSchema,
    type_prefix: &str,
) -> Result<MergedSchema, Vec<Clash>> {
    let mut merge = Merge {
        kept: kept_types(&theirs),
        theirs: &theirs,
        clashes: vec![],
    };
    let renames = merge.renames(ours, type_prefix);
    let mut schema = ours.clone().into_inner();
    rename(&mut schema, &renames);
    let own_names: IndexMap<_, _> = ours
        .types
        .keys()
        .map(|own| (renames.shown(own).clone(), own.clone()))
        .collect();

    let extension = if renames.0.contains_key(USER) {
        user::Extension::default()
    } else {
        user::extend(&mut schema, &theirs)
    };
    merge.clashes.extend(roots::merge(&mut schema, &theirs));
    merge.directives(&mut schema);
    merge.add_types(&mut schema);
    if !merge.clashes.is_empty() {
        return Err(merge.clashes);
    }

    let sources = std::sync::Arc::make_mut(&mut schema.sources);
    for (id, source) in theirs.schema.sources.iter() {
        sources.insert(*id, source.clone());
    }
    let schema = schema.validate().map_err(|failed| {
        let (position, message) = first_error(&theirs.path, &failed.errors);
        vec![Clash::Invalid { position, message }]
    })?;
    Ok(MergedSchema {
        schema,
        own_names: own_names.into_iter().collect(),
        shown_names: renames,
        user_fields: extension.fields,
        notes: extension.notes,
        upstream: theirs,
    })
}

/// Returns the upstream's types that are shown: all but root types whose fields go to ours.
fn kept_types(theirs: &UpstreamSchema) -> IndexMap<Name, ExtendedType> {
    let schema = &theirs.schema;
    let mut used: Option<HashSet<Name>> = None;
    let mut kept = IndexMap::default();
    for (name, ty) in &schema.types {
        let is_merged_root = [OperationType::Query, OperationType::Mutation]
            .iter()
            .any(|kind| schema.root_operation(*kind) == Some(name));
        // A payload may have a field of the root type: `AddTaskPayload.query: query_root`.
        let is_shown = !ty.is_built_in()
            && (!is_merged_root
                || used
                    .get_or_insert_with(|| references(schema))
                    .contains(name));
        if is_shown {
            kept.insert(name.clone(), ty.clone());
        }
    }
    kept
}

struct Merge<'t> {
    theirs: &'t UpstreamSchema,
    /// The upstream's types that are shown.
    kept: IndexMap<Name, ExtendedType>,
    clashes: Vec<Clash>,
}

impl Merge<'_> {
    /// Compares all types that both have, and renames ours where they differ.
    ///
    /// A type is also different if it refers to a renamed one, so this repeats until nothing is new.
    fn renames(&mut self, ours: &Schema, prefix: &str) -> Renames {
        let mut renames = Renames::default();
        let mut refused = HashSet::default();
        loop {
            let mut found = vec![];
            for (name, ty) in &self.kept {
                let Some(own) = ours.types.get(name) else {
                    continue;
                };
                if renames.0.contains_key(name) || refused.contains(name) {
                    continue;
                }
                match self.compare(ours, name, own, ty, &renames) {
                    Ok(()) => {}
                    Err(Clash::Root {
                        position,
                        name,
                        theirs,
                    }) => {
                        refused.insert(name.clone());
                        self.clashes.push(Clash::Root {
                            position,
                            name,
                            theirs,
                        });
                    }
                    Err(clash) => found.push((name.clone(), clash)),
                }
            }
            if prefix.is_empty() {
                self.clashes
                    .extend(found.into_iter().map(|(_, clash)| clash));
                return renames;
            }
            if found.is_empty() {
                return renames;
            }
            for (name, _) in found {
                match self.prefixed(ours, &name, prefix) {
                    Ok(shown) => {
                        renames.0.insert(name, shown);
                    }
                    Err(clash) => {
                        refused.insert(name);
                        self.clashes.push(clash);
                    }
                }
            }
        }
    }

    /// Compares two types of the same name.
    fn compare(
        &self,
        ours: &Schema,
        name: &Name,
        own: &ExtendedType,
        other: &ExtendedType,
        renames: &Renames,
    ) -> Result<(), Clash> {
        let position = || self.position(other);
        for kind_of_root in [
            OperationType::Query,
            OperationType::Mutation,
            OperationType::Subscription,
        ] {
            if ours.root_operation(kind_of_root) == Some(name) {
                return if self.theirs.schema.root_operation(kind_of_root) == Some(name) {
                    Ok(())
                } else {
                    Err(Clash::Root {
                        position: position(),
                        name: name.clone(),
                        theirs: kind(other),
                    })
                };
            }
        }
        if let (USER, ExtendedType::Object(user)) = (name.as_str(), other) {
            return user::check(self.theirs, user).map_err(|problem| Clash::User {
                position: position(),
                problem,
            });
        }
        if renames.same_type(own, other) {
            return Ok(());
        }
        Err(Clash::Type {
            position: position(),
            name: name.clone(),
            ours: kind(own),
            theirs: kind(other),
        })
    }

    /// Returns the prefixed name of a type of ours.
    fn prefixed(&self, ours: &Schema, name: &Name, prefix: &str) -> Result<Name, Clash> {
        let shown = format!("{prefix}{name}");
        let problem = match Name::new(&shown) {
            _ if shown.starts_with("__") => "which GraphQL reserves",
            Err(_) => "which is not a name",
            Ok(_) if ours.types.contains_key(shown.as_str()) => "which Gatelodge also has",
            Ok(_) if self.kept.contains_key(shown.as_str()) => "which the upstream also has",
            Ok(shown) => return Ok(shown),
        };
        Err(Clash::Prefix {
            name: name.clone(),
            shown,
            problem,
        })
    }

    /// Adds the upstream's types. Where both have a type, ours is already there.
    fn add_types(&mut self, schema: &mut Schema) {
        for (name, ty) in std::mem::take(&mut self.kept) {
            schema.types.entry(name).or_insert(ty);
        }
        let subscription = &self.theirs.schema.schema_definition.subscription;
        let definition = schema.schema_definition.make_mut();
        if definition.subscription.is_none() {
            definition.subscription = subscription.clone();
        }
    }

    /// Adds the upstream's directives.
    fn directives(&mut self, schema: &mut Schema) {
        for (name, theirs) in &self.theirs.schema.directive_definitions {
            if SPECIFIED_DIRECTIVES.contains(&name.as_str()) {
                continue;
            }
            match schema.directive_definitions.get(name) {
                None => {
                    schema
                        .directive_definitions
                        .insert(name.clone(), theirs.clone());
                }
                Some(ours) if Renames::default().same_directive(ours, theirs) => {}
                Some(_) => self.clashes.push(Clash::Directive {
                    position: position(
                        &self.theirs.path,
                        theirs.location(),
                        &self.theirs.schema.sources,
                    ),
                    name: name.clone(),
                }),
            }
        }
        let has_one_of = self.kept.values().any(|ty| ty.directives().has("oneOf"));
        if has_one_of && !schema.directive_definitions.contains_key("oneOf") {
            let parsed = Schema::builder().parse(ONE_OF, "oneOf").build();
            let definition = parsed.map_or_else(|failed| failed.partial, std::convert::identity);
            if let Some((name, definition)) =
                definition.directive_definitions.get_key_value("oneOf")
            {
                schema
                    .directive_definitions
                    .insert(name.clone(), definition.clone());
            }
        }
    }

    fn position(&self, ty: &ExtendedType) -> String {
        position(
            &self.theirs.path,
            ty.location(),
            &self.theirs.schema.sources,
        )
    }
}
