//! Introspection of an upstream: the queries, and its answer as SDL.

use std::fmt::Write;

use apollo_compiler::{
    ast::{self, Definition},
    parser::Parser,
};
use serde_json::Value;

use super::sdl::MAX_NESTING;

/// The introspection query of October 2021. Older and newer servers answer it too, if they know `specifiedByURL`.
pub const INTROSPECTION_QUERY: &str = include_str!("introspection.graphql");
/// Asks for the root fields, to find out whether the upstream is a federation subgraph.
pub const SERVICE_QUERY: &str = "query { __schema { queryType { fields { name } } } }";
/// Asks a subgraph for its schema. The text is `data._service.sdl`.
pub const SERVICE_SDL_QUERY: &str = "query { _service { sdl } }";

/// The locations of directives (GraphQL, section 3.13).
const LOCATIONS: [&str; 19] = [
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
    "SCHEMA",
    "SCALAR",
    "OBJECT",
    "FIELD_DEFINITION",
    "ARGUMENT_DEFINITION",
    "INTERFACE",
    "UNION",
    "ENUM",
    "ENUM_VALUE",
    "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION",
];
/// The scalars that every schema has.
const BUILT_IN: &[&str] = &["Boolean", "Float", "ID", "Int", "String"];
/// The maximum nesting of a type's lists and non-nulls.
const MAX_WRAPPERS: usize = 20;

/// Whether the answer of [`SERVICE_QUERY`] has the field `_service`.
pub fn has_service(data: &Value) -> bool {
    let fields = data
        .pointer("/__schema/queryType/fields")
        .and_then(Value::as_array);
    fields.is_some_and(|fields| fields.iter().any(|field| field["name"] == "_service"))
}

/// Prints the answer of the introspection query as SDL, which is then read like a file.
pub fn sdl(data: &Value) -> Result<String, String> {
    let schema = &data["__schema"];
    let mut text = String::new();
    description(&mut text, schema);
    text.push_str("schema {");
    for (kind, key) in [
        ("query", "queryType"),
        ("mutation", "mutationType"),
        ("subscription", "subscriptionType"),
    ] {
        if !schema[key].is_null() {
            let _ = write!(text, " {kind}: {}", name(&schema[key])?);
        }
    }
    text.push_str(" }\n");
    for ty in list(schema, "types")? {
        let name = name(ty)?;
        if !name.starts_with("__") && !BUILT_IN.contains(&name) {
            print_type(&mut text, ty, name).map_err(|problem| format!("`{name}`: {problem}"))?;
        }
    }
    for directive in list(schema, "directives")? {
        print_directive(&mut text, directive)?;
    }
    Ok(text)
}

/// Prints a directive, without locations that the parser does not know: newer servers have more. One without any other is
/// left out.
fn print_directive(text: &mut String, directive: &Value) -> Result<(), String> {
    let name = name(directive)?;
    let locations: Vec<_> = list(directive, "locations")?
        .iter()
        .filter_map(Value::as_str)
        .filter(|location| LOCATIONS.contains(location))
        .collect();
    if locations.is_empty() {
        return Ok(());
    }
    description(text, directive);
    let _ = write!(text, "directive @{name}");
    arguments(text, directive)?;
    if directive["isRepeatable"] == true {
        text.push_str(" repeatable");
    }
    let _ = writeln!(text, " on {}", locations.join("|"));
    Ok(())
}

fn print_type(text: &mut String, ty: &Value, name: &str) -> Result<(), String> {
    description(text, ty);
    match ty["kind"].as_str() {
        Some("SCALAR") => {
            let _ = write!(text, "scalar {name}");
            if let Some(url) = ty["specifiedByURL"].as_str() {
                let _ = write!(text, " @specifiedBy(url: {})", quoted(url));
            }
            text.push('\n');
        }
        Some("OBJECT") => print_fields(text, ty, &format!("type {name}"))?,
        Some("INTERFACE") => print_fields(text, ty, &format!("interface {name}"))?,
        Some("UNION") => {
            let _ = write!(text, "union {name}");
            for (index, member) in list(ty, "possibleTypes")?.iter().enumerate() {
                let separator = if index == 0 { '=' } else { '|' };
                let _ = write!(text, " {separator} {}", self::name(member)?);
            }
            text.push('\n');
        }
        Some("ENUM") => {
            let _ = write!(text, "enum {name}");
            block(text, list(ty, "enumValues")?, |text, value| {
                description(text, value);
                text.push_str(self::name(value)?);
                deprecated(text, value);
                Ok(())
            })?;
        }
        Some("INPUT_OBJECT") => {
            let is_one_of = ty["isOneOf"] == true;
            let directive = if is_one_of { " @oneOf" } else { "" };
            let _ = write!(text, "input {name}{directive}");
            block(text, list(ty, "inputFields")?, input)?;
        }
        _ => return Err("the kind is unknown".to_owned()),
    }
    Ok(())
}

fn print_fields(text: &mut String, ty: &Value, head: &str) -> Result<(), String> {
    text.push_str(head);
    // Interfaces have none in servers older than October 2021.
    let interfaces = ty["interfaces"].as_array();
    for (index, interface) in interfaces.into_iter().flatten().enumerate() {
        let separator = if index == 0 { "implements" } else { "&" };
        let _ = write!(text, " {separator} {}", name(interface)?);
    }
    block(text, list(ty, "fields")?, |text, field| {
        let name = name(field)?;
        description(text, field);
        text.push_str(name);
        arguments(text, field).map_err(|problem| format!("`{name}`: {problem}"))?;
        let _ = write!(text, ": {}", reference(&field["type"])?);
        deprecated(text, field);
        Ok(())
    })
}

/// Prints items in braces. An empty list has none.
fn block(
    text: &mut String,
    items: &[Value],
    print: impl Fn(&mut String, &Value) -> Result<(), String>,
) -> Result<(), String> {
    if !items.is_empty() {
        text.push_str(" {\n");
        for item in items {
            print(text, item)?;
            text.push('\n');
        }
        text.push('}');
    }
    text.push('\n');
    Ok(())
}

fn arguments(text: &mut String, of: &Value) -> Result<(), String> {
    let arguments = list(of, "args")?;
    if arguments.is_empty() {
        return Ok(());
    }
    text.push_str("(\n");
    for argument in arguments {
        input(text, argument)?;
        text.push('\n');
    }
    text.push(')');
    Ok(())
}

fn input(text: &mut String, input: &Value) -> Result<(), String> {
    description(text, input);
    let name = name(input)?;
    let _ = write!(text, "{name}: {}", reference(&input["type"])?);
    if let Some(value) = input["defaultValue"].as_str() {
        if !is_value(value) {
            return Err(format!("`{name}`: the default value is not GraphQL"));
        }
        let _ = write!(text, " = {value}");
    }
    deprecated(text, input);
    Ok(())
}

fn deprecated(text: &mut String, of: &Value) {
    if of["isDeprecated"] == true {
        text.push_str(" @deprecated");
        let reason = of["deprecationReason"].as_str();
        if let Some(reason) = reason.filter(|reason| *reason != "No longer supported") {
            let _ = write!(text, "(reason: {})", quoted(reason));
        }
    }
}

fn description(text: &mut String, of: &Value) {
    if let Some(description) = of["description"].as_str() {
        let _ = writeln!(text, "{}", quoted(description));
    }
}

/// Whether a text is one value. Anything else would change the meaning of the text around it.
fn is_value(text: &str) -> bool {
    let parsed = Parser::new()
        .recursion_limit(MAX_NESTING)
        .parse_ast(format!("input I {{ a: A = {text}\n}}"), "");
    let Ok(document) = parsed else {
        return false;
    };
    let [Definition::InputObjectTypeDefinition(input)] = document.definitions.as_slice() else {
        return false;
    };
    let [field] = input.fields.as_slice() else {
        return false;
    };
    let is_constant = |value: &ast::Value| value.as_variable().is_none();
    field
        .default_value
        .as_ref()
        .is_some_and(|value| is_constant(value))
        && field.directives.is_empty()
}

/// Quotes a string. GraphQL has every escape of JSON.
fn quoted(string: &str) -> String {
    Value::from(string).to_string()
}

/// Prints a reference to a type: `[Task!]!`.
fn reference(ty: &Value) -> Result<String, String> {
    let mut wrappers = vec![];
    let mut inner = ty;
    loop {
        match inner["kind"].as_str() {
            Some(kind @ ("NON_NULL" | "LIST")) if wrappers.len() < MAX_WRAPPERS => {
                wrappers.push(kind);
                inner = &inner["ofType"];
            }
            Some("NON_NULL" | "LIST") => return Err("a type is nested too deeply".to_owned()),
            _ => break,
        }
    }
    let mut text = name(inner)?.to_owned();
    for wrapper in wrappers.iter().rev() {
        text = match *wrapper {
            "LIST" => format!("[{text}]"),
            _ => format!("{text}!"),
        };
    }
    Ok(text)
}

fn list<'v>(of: &'v Value, key: &str) -> Result<&'v Vec<Value>, String> {
    let list = of[key].as_array();
    list.ok_or_else(|| format!("the list `{key}` is missing"))
}

fn name(of: &Value) -> Result<&str, String> {
    checked(&of["name"])
}

/// Returns a name. Anything else would change the meaning of the text around it.
fn checked(name: &Value) -> Result<&str, String> {
    let name = name.as_str().ok_or("a name is missing")?;
    if apollo_compiler::Name::is_valid_syntax(name) {
        Ok(name)
    } else {
        Err("a name is not a GraphQL name".to_owned())
    }
}
