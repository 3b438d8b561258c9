//! How much an operation about the schema itself would resolve.
//!
//! Lists in lists multiply: `types { fields { type { fields … } } }` asks for millions of fields in a hundred
//! bytes. The estimate multiplies by the real lengths of this schema's lists.

use std::collections::HashMap;

use async_graphql::parser::types::{ServiceDocument, TypeKind, TypeSystemDefinition};

/// Types that every schema has about itself: `__Schema`, `__Type` …, with about as many fields as `__Type`.
const BUILT_IN_TYPES: usize = 8;
/// Fields of `__Type`, the longest of them.
const BUILT_IN_FIELDS: usize = 12;
/// Locations of a directive, at most.
const LOCATIONS: usize = 19;

/// Where in an introspection a selection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Somewhere: lists there may be the longest.
    Anywhere,
    /// In `types`: all types come once, so that their lists have their average length.
    Types,
    /// In `fields` of `types`: likewise for arguments.
    FieldsOfTypes,
}

/// How long the schema's lists are.
pub struct Lists {
    types: usize,
    directives: usize,
    longest: HashMap<&'static str, usize>,
    average: HashMap<&'static str, usize>,
    average_args: usize,
}

impl Lists {
    /// Counts the lists of a schema.
    pub fn of(schema: &ServiceDocument) -> Self {
        let mut types = BUILT_IN_TYPES;
        let mut directives = 0;
        let mut lengths: HashMap<&'static str, Vec<usize>> = HashMap::new();
        let mut note = |list, length| lengths.entry(list).or_default().push(length);
        for definition in &schema.definitions {
            match definition {
                TypeSystemDefinition::Type(definition) => {
                    types += 1;
                    let (fields, interfaces) = match &definition.node.kind {
                        TypeKind::Object(object) => (&object.fields[..], object.implements.len()),
                        TypeKind::Interface(interface) => {
                            (&interface.fields[..], interface.implements.len())
                        }
                        TypeKind::InputObject(input) => {
                            note("inputFields", input.fields.len());
                            continue;
                        }
                        TypeKind::Enum(values) => {
                            note("enumValues", values.values.len());
                            continue;
                        }
                        TypeKind::Union(union) => {
                            note("possibleTypes", union.members.len());
                            continue;
                        }
                        TypeKind::Scalar => continue,
                    };
                    note("fields", fields.len());
                    note("interfaces", interfaces);
                    for field in fields {
                        note("args", field.node.arguments.len());
                    }
                    // Every implementation is a possible type of its interface.
                    note("possibleTypes", interfaces);
                }
                TypeSystemDefinition::Directive(_) => directives += 1,
                TypeSystemDefinition::Schema(_) => {}
            }
        }
        lengths
            .entry("fields")
            .or_default()
            .extend([BUILT_IN_FIELDS; BUILT_IN_TYPES]);

        let sum = |list: &str| lengths.get(list).map_or(0, |of| of.iter().sum::<usize>());
        let fields = sum("fields").max(1);
        Self {
            types,
            // Those of the specification are not in the document.
            directives: directives + 5,
            average: lengths
                .keys()
                .map(|&list| (list, sum(list).div_ceil(types).max(1)))
                .collect(),
            average_args: sum("args").div_ceil(fields).max(1),
            longest: lengths
                .iter()
                .map(|(&list, of)| {
                    // One interface may have all implementations.
                    let longest = if list == "possibleTypes" {
                        of.iter().sum()
                    } else {
                        of.iter().copied().max().unwrap_or(0)
                    };
                    (list, longest.max(1))
                })
                .collect(),
        }
    }

    /// How often the selections in a field are resolved, and where they stand.
    pub fn enter(&self, field: &str, place: Place) -> (usize, Place) {
        let longest = || self.longest.get(field).copied().unwrap_or(1);
        match (field, place) {
            ("types", _) => (self.types, Place::Types),
            ("directives", _) => (self.directives, Place::Anywhere),
            ("locations", _) => (LOCATIONS, Place::Anywhere),
            ("args", Place::FieldsOfTypes) => (self.average_args, Place::Anywhere),
            ("fields", Place::Types) => (self.average("fields"), Place::FieldsOfTypes),
            (
                "fields" | "inputFields" | "interfaces" | "possibleTypes" | "enumValues" | "args",
                _,
            ) => {
                let times = if place == Place::Types {
                    self.average(field)
                } else {
                    longest()
                };
                (times, Place::Anywhere)
            }
            _ => (1, Place::Anywhere),
        }
    }

    fn average(&self, list: &str) -> usize {
        self.average.get(list).copied().unwrap_or(1)
    }
}
