//! Merges the root fields.

use apollo_compiler::{
    Name, Schema,
    ast::OperationType,
    name,
    schema::{ComponentName, ExtendedType},
};

use super::{Clash, UpstreamSchema, clash::signature, equality::Renames, position::position};
use crate::graphql::split::FEDERATION_FIELDS;

/// The root fields that both may have. The id decides which of both answers.
const SHARED: &[&str] = &["node", "nodes"];

/// Adds the upstream's queries and mutations to ours. Its subscriptions keep their type, because we have none.
pub fn merge(schema: &mut Schema, theirs: &UpstreamSchema) -> Vec<Clash> {
    let mut clashes = vec![];
    for (kind, default) in [
        (OperationType::Query, name!("Query")),
        (OperationType::Mutation, name!("Mutation")),
    ] {
        let Some(root) = theirs.root(kind) else {
            continue;
        };
        let name = our_root(schema, kind, default);
        let Some(ExtendedType::Object(ours)) = schema.types.get_mut(&name) else {
            // Without a root type of ours, the upstream's is taken as it is.
            if let Some(ty) = theirs.schema.types.get(&root.name) {
                let mut ty = ty.clone();
                if let ExtendedType::Object(object) = &mut ty {
                    object.make_mut().name = name.clone();
                }
                schema.types.insert(name, ty);
            }
            continue;
        };
        let ours = ours.make_mut();
        ours.implements_interfaces
            .extend(root.implements_interfaces.iter().cloned());
        for (field, theirs_field) in &root.fields {
            if FEDERATION_FIELDS.contains(&field.as_str()) {
                continue;
            }
            match ours.fields.get(field) {
                None => {
                    ours.fields.insert(field.clone(), theirs_field.clone());
                }
                Some(own)
                    if SHARED.contains(&field.as_str())
                        && Renames::default().same_field(own, theirs_field) => {}
                Some(own) => clashes.push(Clash::RootField {
                    position: position(
                        &theirs.path,
                        theirs_field.location(),
                        &theirs.schema.sources,
                    ),
                    root: name.clone(),
                    field: field.clone(),
                    ours: signature(own),
                    theirs: signature(theirs_field),
                }),
            }
        }
    }
    clashes
}

/// Returns the name of our root type, and adds it to the schema's definition if it is missing.
fn our_root(schema: &mut Schema, kind: OperationType, default: Name) -> Name {
    if let Some(name) = schema.root_operation(kind) {
        return name.clone();
    }
    let definition = schema.schema_definition.make_mut();
    let root = Some(ComponentName::from(&default));
    match kind {
        OperationType::Query => definition.query = root,
        OperationType::Mutation => definition.mutation = root,
        OperationType::Subscription => definition.subscription = root,
    }
    default
}
