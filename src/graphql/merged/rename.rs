//! Gives our types their shown names.

use apollo_compiler::{
    Name, Node, Schema,
    ast::{InputValueDefinition, Type},
    collections::IndexSet,
    schema::{ComponentName, ExtendedType},
};

use super::equality::Renames;

/// Renames types of a schema, wherever they are named.
pub fn rename(schema: &mut Schema, renames: &Renames) {
    if renames.0.is_empty() {
        return;
    }
    let types = std::mem::take(&mut schema.types);
    schema.types = types
        .into_iter()
        .map(|(name, mut ty)| {
            rename_type(&mut ty, renames);
            (renames.shown(&name).clone(), ty)
        })
        .collect();
    for directive in schema.directive_definitions.values_mut() {
        rename_arguments(&mut directive.make_mut().arguments, renames);
    }
}

fn rename_type(ty: &mut ExtendedType, renames: &Renames) {
    if ty.is_built_in() {
        return;
    }
    match ty {
        ExtendedType::Scalar(scalar) => replace(&mut scalar.make_mut().name, renames),
        ExtendedType::Enum(values) => replace(&mut values.make_mut().name, renames),
        ExtendedType::Union(union) => {
            let union = union.make_mut();
            replace(&mut union.name, renames);
            rename_set(&mut union.members, renames);
        }
        ExtendedType::InputObject(input) => {
            let input = input.make_mut();
            replace(&mut input.name, renames);
            for field in input.fields.values_mut() {
                rename_reference(field.make_mut().ty.make_mut(), renames);
            }
        }
        ExtendedType::Object(object) => {
            let object = object.make_mut();
            replace(&mut object.name, renames);
            rename_set(&mut object.implements_interfaces, renames);
            for field in object.fields.values_mut() {
                let field = field.make_mut();
                rename_reference(&mut field.ty, renames);
                rename_arguments(&mut field.arguments, renames);
            }
        }
        ExtendedType::Interface(interface) => {
            let interface = interface.make_mut();
            replace(&mut interface.name, renames);
            rename_set(&mut interface.implements_interfaces, renames);
            for field in interface.fields.values_mut() {
                let field = field.make_mut();
                rename_reference(&mut field.ty, renames);
                rename_arguments(&mut field.arguments, renames);
            }
        }
    }
}

fn rename_arguments(arguments: &mut [Node<InputValueDefinition>], renames: &Renames) {
    for argument in arguments {
        rename_reference(argument.make_mut().ty.make_mut(), renames);
    }
}

fn rename_reference(ty: &mut Type, renames: &Renames) {
    match ty {
        Type::Named(name) | Type::NonNullNamed(name) => replace(name, renames),
        Type::List(item) | Type::NonNullList(item) => rename_reference(item, renames),
    }
}

fn rename_set(names: &mut IndexSet<ComponentName>, renames: &Renames) {
    let all = std::mem::take(names);
    *names = all
        .into_iter()
        .map(|mut name| {
            replace(&mut name.name, renames);
            name
        })
        .collect();
}

fn replace(name: &mut Name, renames: &Renames) {
    if let Some(shown) = renames.0.get(name) {
        *name = shown.clone();
    }
}
