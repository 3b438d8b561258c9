//! Which types a schema refers to.

use apollo_compiler::{
    Name, Node, Schema,
    ast::InputValueDefinition,
    collections::{HashSet, IndexMap},
    schema::{Component, ExtendedType, FieldDefinition},
};

/// Returns the names of all types that a field, an argument, a union or an interface of the schema names. Root types
/// count only where they are named so.
pub fn references(schema: &Schema) -> HashSet<Name> {
    let mut names = HashSet::default();
    for ty in schema.types.values() {
        match ty {
            ExtendedType::Scalar(_) | ExtendedType::Enum(_) => {}
            ExtendedType::Union(union) => {
                names.extend(union.members.iter().map(|member| member.name.clone()));
            }
            ExtendedType::InputObject(input) => {
                let types = input.fields.values().map(|field| &field.ty);
                names.extend(types.map(|ty| ty.inner_named_type().clone()));
            }
            ExtendedType::Object(object) => {
                let interfaces = object.implements_interfaces.iter();
                names.extend(interfaces.map(|interface| interface.name.clone()));
                add_fields(&mut names, &object.fields);
            }
            ExtendedType::Interface(interface) => {
                let interfaces = interface.implements_interfaces.iter();
                names.extend(interfaces.map(|interface| interface.name.clone()));
                add_fields(&mut names, &interface.fields);
            }
        }
    }
    for directive in schema.directive_definitions.values() {
        add_arguments(&mut names, &directive.arguments);
    }
    names
}

fn add_fields(names: &mut HashSet<Name>, fields: &IndexMap<Name, Component<FieldDefinition>>) {
    for field in fields.values() {
        names.insert(field.ty.inner_named_type().clone());
        add_arguments(names, &field.arguments);
    }
}

fn add_arguments(names: &mut HashSet<Name>, arguments: &[Node<InputValueDefinition>]) {
    names.extend(
        arguments
            .iter()
            .map(|argument| argument.ty.inner_named_type().clone()),
    );
}
