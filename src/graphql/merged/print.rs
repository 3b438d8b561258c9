//! Prints a schema in the form of `schema.graphql`: types by name, then directives, then root types.

use std::fmt::Write;

use apollo_compiler::{Name, Schema};

/// Returns the text of a schema, without what every schema has.
pub fn sdl(schema: &Schema) -> String {
    let mut text = String::new();
    let mut types: Vec<_> = schema.types.values().collect();
    types.retain(|ty| !ty.is_built_in());
    types.sort_by_key(|ty| ty.name().as_str());
    for ty in types {
        let _ = writeln!(text, "{}", ty.serialize().indent_prefix("\t"));
    }
    let mut directives: Vec<_> = schema.directive_definitions.values().collect();
    directives.retain(|directive| !directive.is_built_in());
    directives.sort_by_key(|directive| directive.name.as_str());
    for directive in directives {
        let _ = writeln!(text, "{}", directive.serialize().indent_prefix("\t"));
    }
    text.push_str("schema {\n");
    for (kind, root) in schema.schema_definition.iter_root_operations() {
        let _ = writeln!(text, "\t{}: {}", kind.name(), Name::as_str(root));
    }
    text.push_str("}\n");
    text
}
