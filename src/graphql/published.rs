//! The published schema, parsed for the guard.

use apollo_compiler::{
    Schema,
    ast::{DirectiveList, FieldDefinition},
    name,
    schema::{Component, ExtendedType},
    ty,
    validation::Valid,
};

use thiserror::Error;

use super::sdl;

/// The published schema is not valid, which is a bug.
#[derive(Debug, Error)]
#[error("the published schema is not valid: {0}")]
pub struct InvalidSchema(String);

/// Parses and validates the published schema.
pub fn published_schema() -> Result<Valid<Schema>, InvalidSchema> {
    let invalid = |errors: &dyn std::fmt::Display| InvalidSchema(errors.to_string());
    let mut schema =
        Schema::parse(sdl(), "schema.graphql").map_err(|failed| invalid(&failed.errors))?;
    complete_introspection(&mut schema);
    schema.validate().map_err(|failed| invalid(&failed.errors))
}

/// Adds the introspection fields of September 2025: apollo-compiler knows those of October 2021.
pub(super) fn complete_introspection(schema: &mut Schema) {
    if let Some(ExtendedType::Object(about)) = schema.types.get_mut("__Type") {
        let field = FieldDefinition {
            description: None,
            name: name!("isOneOf"),
            arguments: vec![],
            ty: ty!(Boolean),
            directives: DirectiveList::default(),
        };
        let fields = &mut about.make_mut().fields;
        fields.insert(name!("isOneOf"), Component::new(field));
    }
    for (name, ty) in &mut schema.types {
        let ExtendedType::Object(object) = ty else {
            continue;
        };
        if !name.starts_with("__") {
            continue;
        }
        for field in object.make_mut().fields.values_mut() {
            for argument in &mut field.make_mut().arguments {
                if argument.name == "includeDeprecated" {
                    argument.make_mut().ty = ty!(Boolean!).into();
                }
            }
        }
    }
}
