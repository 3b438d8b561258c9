//! What the split must know of the two schemas.

use std::collections::{HashMap, HashSet};

use apollo_compiler::{
    Name, Schema,
    ast::OperationType,
    schema::{ExtendedType, FieldDefinition},
};

/// The name of our type that an upstream may extend.
pub const USER: &str = "User";

/// What is known of the upstream's schema. Nothing of it is needed to decide who runs a root field: that needs only our own
/// names, so routing works before the upstream was ever reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpstreamFacts {
    /// The names of the upstream's root types, where they differ from ours.
    pub query_root: Option<String>,
    /// The name of the upstream's mutation type, where it differs from ours.
    pub mutation_root: Option<String>,
    /// The name of the upstream's subscription type, where it is not `Subscription`.
    pub subscription_root: Option<String>,
    /// The fields of the upstream's query type, and whether each may be null. `None` if its schema is unknown.
    pub query_fields: Option<HashMap<String, bool>>,
    /// The fields that the upstream adds to our `User`, and whether each may be null.
    pub user_fields: HashMap<String, bool>,
    /// The names of the upstream's types. `None` if its schema is unknown.
    pub types: Option<HashSet<String>>,
    /// Our names of types that have another name in the merged schema, by that name.
    pub renamed: HashMap<String, String>,
}

impl UpstreamFacts {
    /// Returns the upstream's name of a root type.
    pub fn root_name(&self, kind: OperationType) -> Option<&str> {
        match kind {
            OperationType::Query => self.query_root.as_deref(),
            OperationType::Mutation => self.mutation_root.as_deref(),
            OperationType::Subscription => self.subscription_root.as_deref(),
        }
    }

    /// Returns the upstream's name of a type that may be a root type.
    pub fn upstream_name<'n>(&'n self, shown: &'n str) -> &'n str {
        let kind = match shown {
            "Query" => OperationType::Query,
            "Mutation" => OperationType::Mutation,
            "Subscription" => OperationType::Subscription,
            _ => return shown,
        };
        self.root_name(kind).unwrap_or(shown)
    }

    /// Returns our name of a type in the merged schema, or `None` if the type is not ours.
    pub fn own_name<'n>(&'n self, shown: &'n str) -> Option<&'n str> {
        match self.renamed.get(shown) {
            Some(own) => Some(own),
            None if self.renamed.values().any(|own| own == shown) => None,
            None => Some(shown),
        }
    }

    /// Returns the merged schema's name of one of our types.
    pub fn shown_name<'n>(&'n self, own: &'n str) -> &'n str {
        let mut renamed = self.renamed.iter();
        renamed
            .find(|(_, name)| *name == own)
            .map_or(own, |(shown, _)| shown)
    }

    /// Whether the upstream may have a type. It may have any if its schema is unknown.
    pub fn may_have_type(&self, name: &str) -> bool {
        let types = self.types.as_ref();
        types.is_none_or(|types| types.contains(self.upstream_name(name)))
    }

    /// Whether a field of the upstream's query type may be null. A field that is not known may not: then the answer has no
    /// data rather than a null that its type does not allow.
    pub fn is_root_nullable(&self, name: &str) -> bool {
        let fields = self.query_fields.as_ref();
        fields.and_then(|fields| fields.get(name)) == Some(&true)
    }

    /// Whether a document may be valid in the merged schema but not in ours, although all of its root fields are ours.
    pub fn changes_own_types(&self) -> bool {
        !self.user_fields.is_empty() || !self.renamed.is_empty()
    }
}

/// Returns a root field of a schema.
pub fn root_field<'s>(
    schema: &'s Schema,
    kind: OperationType,
    name: &str,
) -> Option<&'s FieldDefinition> {
    let root = schema.root_operation(kind)?;
    field(schema, root, name)
}

/// Returns a field of an object or interface type.
pub fn field<'s>(schema: &'s Schema, ty: &Name, name: &str) -> Option<&'s FieldDefinition> {
    let fields = match schema.types.get(ty)? {
        ExtendedType::Object(object) => &object.fields,
        ExtendedType::Interface(interface) => &interface.fields,
        _ => return None,
    };
    fields.get(name).map(|field| &***field)
}
