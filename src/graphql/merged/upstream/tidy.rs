//! Removes what introspection does not show: applied directives, and which extension a definition comes from.

use apollo_compiler::{
    Node, Schema, ast,
    ast::InputValueDefinition,
    collections::IndexSet,
    schema::{Component, ComponentName, ComponentOrigin, DirectiveList, ExtendedType},
};

/// The directives that introspection shows where they are applied. The definitions of others may be missing.
const SHOWN: &[&str] = &["deprecated", "oneOf", "specifiedBy"];

/// Tidies all types of a schema.
pub fn tidy(schema: &mut Schema) {
    let definition = schema.schema_definition.make_mut();
    definition.directives = DirectiveList::new();
    let roots = [
        &mut definition.query,
        &mut definition.mutation,
        &mut definition.subscription,
    ];
    for root in roots.into_iter().flatten() {
        root.origin = ComponentOrigin::Definition;
    }
    for ty in schema.types.values_mut() {
        if !ty.is_built_in() {
            tidy_type(ty);
        }
    }
    for directive in schema.directive_definitions.values_mut() {
        if !directive.is_built_in() {
            tidy_arguments(&mut directive.make_mut().arguments);
        }
    }
}

fn tidy_type(ty: &mut ExtendedType) {
    match ty {
        ExtendedType::Scalar(scalar) => tidy_list(&mut scalar.make_mut().directives),
        ExtendedType::Union(union) => {
            let union = union.make_mut();
            tidy_list(&mut union.directives);
            tidy_names(&mut union.members);
        }
        ExtendedType::Enum(values) => {
            let values = values.make_mut();
            tidy_list(&mut values.directives);
            for value in values.values.values_mut() {
                tidy_component(value);
                tidy_applied(&mut value.make_mut().directives);
            }
        }
        ExtendedType::InputObject(input) => {
            let input = input.make_mut();
            tidy_list(&mut input.directives);
            for field in input.fields.values_mut() {
                tidy_component(field);
                tidy_applied(&mut field.make_mut().directives);
            }
        }
        ExtendedType::Object(object) => {
            let object = object.make_mut();
            tidy_list(&mut object.directives);
            tidy_names(&mut object.implements_interfaces);
            for field in object.fields.values_mut() {
                tidy_component(field);
                let field = field.make_mut();
                tidy_applied(&mut field.directives);
                tidy_arguments(&mut field.arguments);
            }
        }
        ExtendedType::Interface(interface) => {
            let interface = interface.make_mut();
            tidy_list(&mut interface.directives);
            tidy_names(&mut interface.implements_interfaces);
            for field in interface.fields.values_mut() {
                tidy_component(field);
                let field = field.make_mut();
                tidy_applied(&mut field.directives);
                tidy_arguments(&mut field.arguments);
            }
        }
    }
}

fn tidy_component<T>(component: &mut Component<T>) {
    component.origin = ComponentOrigin::Definition;
}

fn tidy_names(names: &mut IndexSet<ComponentName>) {
    let all = std::mem::take(names);
    *names = all
        .into_iter()
        .map(|component| ComponentName::from(component.name))
        .collect();
}

fn tidy_list(directives: &mut DirectiveList) {
    directives.retain(|directive| SHOWN.contains(&directive.name.as_str()));
    for directive in directives {
        directive.origin = ComponentOrigin::Definition;
    }
}

fn tidy_applied(directives: &mut ast::DirectiveList) {
    directives
        .0
        .retain(|directive| SHOWN.contains(&directive.name.as_str()));
}

fn tidy_arguments(arguments: &mut [Node<InputValueDefinition>]) {
    for argument in arguments {
        tidy_applied(&mut argument.make_mut().directives);
    }
}
