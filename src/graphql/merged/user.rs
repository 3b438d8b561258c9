//! The upstream's `User` extends ours.

use apollo_compiler::{
    Node, Schema,
    ast::FieldDefinition,
    schema::{ExtendedType, ObjectType},
};

use super::{UpstreamSchema, equality::Renames, upstream::federation::UserKey};
use crate::graphql::split::USER;

/// What the upstream adds to `User`.
#[derive(Default)]
pub struct Extension {
    /// The fields that the upstream finds by `_entities`.
    pub fields: Vec<Node<FieldDefinition>>,
    /// What the operator should know.
    pub notes: Vec<String>,
}

/// Checks that the upstream's `User` can extend ours, or returns what is wrong with it.
pub fn check(theirs: &UpstreamSchema, user: &ObjectType) -> Result<(), String> {
    match &theirs.user_key {
        UserKey::None => return Err("without `@key`".to_owned()),
        UserKey::Other(keys) => return Err(format!("with the key `{keys}` only")),
        UserKey::Id { .. } | UserKey::Reference => {}
    }
    let id = user.fields.get("id");
    match id.map(|id| (&id.ty, id.arguments.is_empty())) {
        Some((ty, true)) if !ty.is_list() && ty.inner_named_type() == "ID" => Ok(()),
        Some((ty, _)) => Err(format!("with `id: {ty}`")),
        None => Err("without the field `id`".to_owned()),
    }
}

/// Adds the fields that only the upstream has. Fields that both have are ours.
pub fn extend(schema: &mut Schema, theirs: &UpstreamSchema) -> Extension {
    let mut extension = Extension::default();
    let Some(ExtendedType::Object(ours)) = schema.types.get_mut(USER) else {
        return extension;
    };
    let Some(user) = theirs.schema.get_object(USER) else {
        return extension;
    };
    let unresolved = match &theirs.user_key {
        UserKey::Id { unresolved } => Some(unresolved),
        // The upstream names users but does not find them, so it adds nothing.
        UserKey::Reference => None,
        UserKey::None | UserKey::Other(_) => return extension,
    };
    let ours = ours.make_mut();
    for (name, field) in &user.fields {
        if let Some(own) = ours.fields.get(name) {
            if name != "id" && !Renames::default().same_field(own, field) {
                extension.notes.push(format!(
                    "`User.{name}` is Gatelodge's, of type `{}`. The upstream's, of type `{}`, is not shown",
                    own.ty, field.ty
                ));
            }
        } else if unresolved.is_none_or(|unresolved| unresolved.contains(name)) {
            extension.notes.push(format!(
                "`User.{name}` of the upstream is not shown: the upstream cannot resolve it from `User.id` alone \
                 (`@external`, `@requires` or `resolvable: false`)"
            ));
        } else {
            ours.fields.insert(name.clone(), field.clone());
            extension.fields.push(field.node.clone());
        }
    }
    // Fields of the upstream may return an interface that its `User` implements.
    ours.implements_interfaces
        .extend(user.implements_interfaces.iter().cloned());
    extension
}
