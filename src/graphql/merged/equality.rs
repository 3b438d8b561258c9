//! When two definitions are the same. Descriptions, order and `@deprecated` do not count.

use apollo_compiler::{
    Name, Node,
    ast::{DirectiveDefinition, DirectiveLocation, InputValueDefinition, Type},
    collections::{HashSet, IndexMap, IndexSet},
    schema::{Component, ComponentName, DirectiveList, ExtendedType, FieldDefinition, ScalarType},
};

/// The names under which our types are shown, where they differ from their own.
#[derive(Clone, Debug, Default)]
pub struct Renames(pub IndexMap<Name, Name>);

type Fields = IndexMap<Name, Component<FieldDefinition>>;

impl Renames {
    /// Returns the name under which a type of ours is shown.
    pub fn shown<'n>(&'n self, own: &'n Name) -> &'n Name {
        self.0.get(own).unwrap_or(own)
    }

    /// Whether two definitions of a type are the same, once our types have their shown names.
    pub fn same_type(&self, ours: &ExtendedType, theirs: &ExtendedType) -> bool {
        match (ours, theirs) {
            (ExtendedType::Scalar(ours), ExtendedType::Scalar(theirs)) => {
                // Only two different specifications make two different scalars.
                let urls = url(ours).zip(url(theirs));
                urls.is_none_or(|(ours, theirs)| ours == theirs)
            }
            (ExtendedType::Enum(ours), ExtendedType::Enum(theirs)) => {
                ours.values.len() == theirs.values.len()
                    && ours
                        .values
                        .keys()
                        .all(|value| theirs.values.contains_key(value))
            }
            (ExtendedType::InputObject(ours), ExtendedType::InputObject(theirs)) => {
                one_of(&ours.directives) == one_of(&theirs.directives)
                    && ours.fields.len() == theirs.fields.len()
                    && ours.fields.iter().all(|(name, field)| {
                        let other = theirs.fields.get(name);
                        other.is_some_and(|other| self.same_input(field, other))
                    })
            }
            (ExtendedType::Object(ours), ExtendedType::Object(theirs)) => {
                self.same_names(&ours.implements_interfaces, &theirs.implements_interfaces)
                    && self.same_fields(&ours.fields, &theirs.fields)
            }
            (ExtendedType::Interface(ours), ExtendedType::Interface(theirs)) => {
                self.same_names(&ours.implements_interfaces, &theirs.implements_interfaces)
                    && self.same_fields(&ours.fields, &theirs.fields)
            }
            (ExtendedType::Union(ours), ExtendedType::Union(theirs)) => {
                self.same_names(&ours.members, &theirs.members)
            }
            _ => false,
        }
    }

    /// Whether two fields have the same type and the same arguments.
    pub fn same_field(&self, ours: &FieldDefinition, theirs: &FieldDefinition) -> bool {
        self.same_reference(&ours.ty, &theirs.ty)
            && self.same_arguments(&ours.arguments, &theirs.arguments)
    }

    /// Whether two definitions of a directive are the same.
    pub fn same_directive(&self, ours: &DirectiveDefinition, theirs: &DirectiveDefinition) -> bool {
        let locations = |definition: &DirectiveDefinition| -> HashSet<DirectiveLocation> {
            definition.locations.iter().copied().collect()
        };
        ours.repeatable == theirs.repeatable
            && locations(ours) == locations(theirs)
            && self.same_arguments(&ours.arguments, &theirs.arguments)
    }

    /// Whether two references name the same type in the same lists.
    pub fn same_reference(&self, ours: &Type, theirs: &Type) -> bool {
        match (ours, theirs) {
            (Type::Named(ours), Type::Named(theirs))
            | (Type::NonNullNamed(ours), Type::NonNullNamed(theirs)) => self.shown(ours) == theirs,
            (Type::List(ours), Type::List(theirs))
            | (Type::NonNullList(ours), Type::NonNullList(theirs)) => {
                self.same_reference(ours, theirs)
            }
            _ => false,
        }
    }

    fn same_fields(&self, ours: &Fields, theirs: &Fields) -> bool {
        ours.len() == theirs.len()
            && ours.iter().all(|(name, field)| {
                let other = theirs.get(name);
                other.is_some_and(|other| self.same_field(field, other))
            })
    }

    fn same_arguments(
        &self,
        ours: &[Node<InputValueDefinition>],
        theirs: &[Node<InputValueDefinition>],
    ) -> bool {
        ours.len() == theirs.len()
            && ours.iter().all(|argument| {
                let other = theirs.iter().find(|other| other.name == argument.name);
                other.is_some_and(|other| self.same_input(argument, other))
            })
    }

    fn same_input(&self, ours: &InputValueDefinition, theirs: &InputValueDefinition) -> bool {
        self.same_reference(&ours.ty, &theirs.ty) && ours.default_value == theirs.default_value
    }

    fn same_names(&self, ours: &IndexSet<ComponentName>, theirs: &IndexSet<ComponentName>) -> bool {
        ours.len() == theirs.len()
            && ours
                .iter()
                .all(|name| theirs.contains(self.shown(&name.name).as_str()))
    }
}

fn one_of(directives: &DirectiveList) -> bool {
    directives.has("oneOf")
}

fn url(scalar: &ScalarType) -> Option<&str> {
    let directive = scalar.directives.get("specifiedBy")?;
    directive.specified_argument_by_name("url")?.as_str()
}
