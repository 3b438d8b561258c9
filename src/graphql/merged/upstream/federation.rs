//! What an Apollo Federation subgraph says of `User`, and the removal of federation's own definitions.
//!
//! `_entities` and `_service` are for the gateway, not for clients. They are never shown.

use apollo_compiler::{
    Name, Schema,
    ast::{self, OperationType},
    collections::HashSet,
    schema::{DirectiveList, ExtendedType, ObjectType},
};

use super::super::references::references;
use crate::graphql::split::{FEDERATION_FIELDS, USER};

/// The directives of federation 1 and 2.
const DIRECTIVES: &[&str] = &[
    "authenticated",
    "cacheTag",
    "composeDirective",
    "connect",
    "context",
    "cost",
    "extends",
    "external",
    "fromContext",
    "inaccessible",
    "interfaceObject",
    "key",
    "link",
    "listSize",
    "override",
    "policy",
    "provides",
    "requires",
    "requiresScopes",
    "shareable",
    "source",
    "tag",
];
/// The types of federation 1 and 2. Those of federation 2 may also have a prefix.
const TYPES: &[&str] = &[
    "_Any",
    "_Entity",
    "_FieldSet",
    "_Service",
    "ContextFieldValue",
    "FieldSet",
    "Policy",
    "Scope",
];

/// Whether the upstream's `User` extends ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserKey {
    /// It has no `@key`, or there is no `User`.
    None,
    /// It has the key `id`, and the upstream finds users by it.
    Id {
        /// The fields that the upstream cannot resolve from the key alone.
        unresolved: Vec<Name>,
    },
    /// It has the key `id`, but the upstream only refers to users: `resolvable: false`.
    Reference,
    /// It has other keys only.
    Other(String),
}

/// Removes federation's definitions, and returns the key of `User`.
///
/// A `@key` shows that a text is a subgraph's. Every subgraph answers `_entities`, and many texts leave it out.
pub fn remove(schema: &mut Schema) -> UserKey {
    let names = Names::of(schema);
    let user = schema.get_object(USER);
    let user_key = user.map_or(UserKey::None, |user| names.user_key(user));
    let is_subgraph = names.is_linked || user_key != UserKey::None || is_subgraph(schema);
    remove_gateway_fields(schema);
    if is_subgraph {
        schema
            .directive_definitions
            .retain(|name, definition| definition.is_built_in() || !names.is_directive(name));
        let referenced = references(schema);
        schema.types.retain(|name, ty| {
            // A type of the upstream's own may be named `Scope`, but not be such a scalar that nothing uses.
            let is_federation = names.is_type(name) && (ty.is_scalar() || name.contains('_'));
            !is_federation || referenced.contains(name)
        });
    }
    user_key
}

/// Whether a schema has parts that only subgraphs have.
fn is_subgraph(schema: &Schema) -> bool {
    let query = schema.root_operation(OperationType::Query);
    let query = query.and_then(|query| schema.get_object(query));
    let has_gateway_field = query.is_some_and(|query| {
        FEDERATION_FIELDS
            .iter()
            .any(|field| query.fields.contains_key(*field))
    });
    has_gateway_field
        || schema
            .types
            .values()
            .any(|ty| !ty.is_built_in() && ty.directives().has("key"))
}

fn remove_gateway_fields(schema: &mut Schema) {
    let Some(query) = schema.root_operation(OperationType::Query).cloned() else {
        return;
    };
    if let Some(ExtendedType::Object(query)) = schema.types.get_mut(&query) {
        query
            .make_mut()
            .fields
            .retain(|name, _| !FEDERATION_FIELDS.contains(&name.as_str()));
    }
}

/// The names that a subgraph gives to federation's directives and types.
struct Names {
    is_linked: bool,
    key: HashSet<String>,
    external: HashSet<String>,
    requires: HashSet<String>,
    directives: HashSet<String>,
    types: HashSet<String>,
    prefixes: Vec<String>,
}

impl Names {
    /// Reads the `@link` directives: federation 2 imports its names, and may rename them.
    fn of(schema: &Schema) -> Self {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let mut names = Self {
            is_linked: false,
            key: set(&["key"]),
            external: set(&["external"]),
            requires: set(&["requires"]),
            directives: set(DIRECTIVES),
            types: set(TYPES),
            prefixes: vec!["link__".to_owned(), "federation__".to_owned()],
        };
        for link in schema.schema_definition.directives.get_all("link") {
            let argument = |name| link.specified_argument_by_name(name);
            let url = argument("url").and_then(|url| url.as_str());
            if !url.is_some_and(|url| url.contains("specs.apollo.dev/")) {
                continue;
            }
            names.is_linked = true;
            if let Some(prefix) = argument("as").and_then(|prefix| prefix.as_str()) {
                names.prefixes.push(format!("{prefix}__"));
            }
            let imports = argument("import").and_then(|imports| imports.as_list());
            for import in imports.into_iter().flatten() {
                names.import(import);
            }
        }
        for prefix in &names.prefixes {
            names.key.insert(format!("{prefix}key"));
            names.external.insert(format!("{prefix}external"));
            names.requires.insert(format!("{prefix}requires"));
        }
        names
    }

    /// Reads one import: `"@key"` or `{ name: "@key", as: "@entityKey" }`.
    fn import(&mut self, import: &ast::Value) {
        let entry = |key: &str| {
            let object = import.as_object()?;
            let (_, value) = object.iter().find(|(name, _)| name == key)?;
            value.as_str()
        };
        let Some(name) = import.as_str().or_else(|| entry("name")) else {
            return;
        };
        let alias = entry("as").unwrap_or(name);
        match (name.strip_prefix('@'), alias.strip_prefix('@')) {
            (Some(name), Some(alias)) => {
                self.directives.insert(alias.to_owned());
                match name {
                    "key" => self.key.insert(alias.to_owned()),
                    "external" => self.external.insert(alias.to_owned()),
                    "requires" => self.requires.insert(alias.to_owned()),
                    _ => false,
                };
            }
            _ => {
                self.types.insert(alias.to_owned());
            }
        }
    }

    fn is_directive(&self, name: &str) -> bool {
        self.directives.contains(name) || self.has_prefix(name)
    }

    fn is_type(&self, name: &str) -> bool {
        self.types.contains(name) || self.has_prefix(name)
    }

    fn has_prefix(&self, name: &str) -> bool {
        self.prefixes
            .iter()
            .any(|prefix| name.starts_with(prefix.as_str()))
    }

    fn user_key(&self, user: &ObjectType) -> UserKey {
        let keys: Vec<_> = self.keys(&user.directives).collect();
        let mut of_id = keys.iter().filter(|(fields, _)| is_id(fields)).peekable();
        if of_id.peek().is_some() {
            if !of_id.any(|(_, resolvable)| *resolvable) {
                return UserKey::Reference;
            }
            let applied = |directives: &ast::DirectiveList, names: &HashSet<String>| {
                directives
                    .iter()
                    .any(|directive| names.contains(directive.name.as_str()))
            };
            let unresolved = user.fields.values().filter(|field| {
                applied(&field.directives, &self.external)
                    || applied(&field.directives, &self.requires)
            });
            return UserKey::Id {
                unresolved: unresolved.map(|field| field.name.clone()).collect(),
            };
        }
        let others: Vec<&str> = keys.iter().map(|(fields, _)| fields.as_str()).collect();
        if others.is_empty() {
            UserKey::None
        } else {
            UserKey::Other(others.join("`, `"))
        }
    }

    /// Returns the fields of each key, and whether the upstream finds objects by it.
    fn keys(&self, directives: &DirectiveList) -> impl Iterator<Item = (String, bool)> {
        directives
            .iter()
            .filter(|directive| self.key.contains(directive.name.as_str()))
            .filter_map(|directive| {
                let fields = directive.specified_argument_by_name("fields")?.as_str()?;
                let resolvable = directive.specified_argument_by_name("resolvable");
                let is_resolvable = resolvable.and_then(|value| value.to_bool()) != Some(false);
                Some((fields.to_owned(), is_resolvable))
            })
    }
}

/// Whether the fields of a key are `id` alone. They are a selection set, whose outer brackets may be left out.
fn is_id(fields: &str) -> bool {
    let is_ignored = |char: char| char.is_whitespace() || matches!(char, ',' | '{' | '}');
    let mut words = fields.split(is_ignored).filter(|word| !word.is_empty());
    words.next() == Some("id") && words.next().is_none()
}
