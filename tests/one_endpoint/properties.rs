//! The split of generated documents, and of texts that are hardly documents.

use std::{cell::Cell, fmt::Write};

use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestRunner};

use crate::graphql::fuzz_corpora::properties::split::split;

/// Root fields of Gatelodge, of the service, and of the schema.
const OURS: &[&str] = &[
    "me { id username }",
    "me { ...U }",
    "session { ...S user { ... on User @include(if: $yes) { roles } } }",
    "users(first: 2, search: \"# }\") { nodes { ...U } }",
    "node(id: \"user_1\") { ... on User { username } }",
    "authSettings { registrationOpen }",
];
const THEIRS: &[&str] = &[
    "tasks { id }",
    "tasks(first: $n) { ...T }",
    "taskCount",
    "task(id: 12345678901234567890123) { parent { ...T query { tasks { id } } } }",
    "echo(text: \"\"\"block \"with\" # no comment { me }\n  \"\"\", number: 1.10)",
    "echo(text: \"\\u0041 \\\" } #\", number: [1, -0 2e7 {a: $n}])",
    "node(id: \"task_1\") { ...N }",
    "tasks { ... @defer(label: \"x\") { title } id @custom(a: {b: [ENUM, null, true]}) }",
];
const SCHEMA: &[&str] = &["__type(name: \"Task\") { name }", "__typename"];
/// Fields that the service adds to our users.
const JOINED: &[&str] = &[
    "me { id nickname }",
    "users { nodes { tasks(first: $n) { ...T } username } }",
    "me { t: tasks @include(if: $yes) { parent { id } } ... on User { nickname } }",
];
const FRAGMENTS: &[(&str, &str)] = &[
    ("...U", "fragment U on User { id username }"),
    (
        "...S",
        "fragment S on Session { id ...S2 } fragment S2 on Session { createdAt }",
    ),
    ("...T", "fragment T on Task { title ...N }"),
    ("...N", "fragment N on Node { id @include(if: $yes) }"),
];
/// What may stand between tokens.
const GAPS: &[&str] = &[
    " ",
    "\n",
    "\r\n",
    "\t",
    ",",
    " , ",
    " # } hidden {\n",
    "\r",
    "# } hidden\r",
    "\u{feff}",
];

/// Where a root field stands.
#[derive(Clone, Copy, Debug)]
enum At {
    Operation,
    Inline,
    OnQuery,
    Fragment,
    Nested,
}

fn roots(joined: bool) -> impl Strategy<Value = Vec<(At, &'static str)>> {
    let at = select(vec![
        At::Operation,
        At::Inline,
        At::OnQuery,
        At::Fragment,
        At::Nested,
    ]);
    let fields = prop_oneof![
        4 => select(OURS),
        5 => select(THEIRS),
        1 => select(SCHEMA),
        if joined { 4 } else { 0 } => select(JOINED),
    ];
    vec((at, fields), 1..7)
}

/// Writes a document of root fields, in which nothing is wrong in any schema.
fn document(roots: &[(At, &str)], gaps: &[&str], others: bool) -> String {
    let mut at = [const { String::new() }; 5];
    for (index, (place, field)) in roots.iter().enumerate() {
        write!(at[*place as usize], " k{index}: {field}").unwrap();
    }
    let [mut body, inline, on_query, fragment, nested] = at;
    if !inline.is_empty() {
        write!(body, " ... @include(if: $yes) {{ {inline} }}").unwrap();
    }
    if !on_query.is_empty() {
        write!(body, " ... on Query {{ {on_query} }}").unwrap();
    }
    let mut after = String::new();
    if !fragment.is_empty() || !nested.is_empty() {
        body.push_str(" ...F @skip(if: false)");
        let spread = if nested.is_empty() {
            ""
        } else {
            "... { ...G }"
        };
        write!(after, " fragment F on Query {{ {fragment} {spread} }}").unwrap();
    }
    if !nested.is_empty() {
        write!(after, " fragment G on Query {{ {nested} }}").unwrap();
    }
    let mut used = format!("{body}{after}");
    for (spread, definition) in FRAGMENTS {
        if used.contains(&format!("{spread} ")) {
            write!(after, " {definition}").unwrap();
            used.push_str(definition);
        }
    }
    let mut variables = String::new();
    for (name, definition) in [
        ("$n", "$n: [Int!] = [1, 2]"),
        ("$yes", "$yes: Boolean! = true"),
    ] {
        if used.contains(name) {
            write!(variables, " {definition}").unwrap();
        }
    }
    if !variables.is_empty() {
        variables = format!("( {variables} )");
    }
    let before = if others {
        "query Other { me { id } taskCount } "
    } else {
        ""
    };
    with_gaps(
        &format!("{before}query Q{variables} {{ {body} }}{after}"),
        gaps,
    )
}

/// Replaces the spaces outside of strings.
fn with_gaps(text: &str, gaps: &[&str]) -> String {
    let mut written = String::new();
    let mut gaps = gaps.iter().cycle();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let length = if let Some(block) = rest.strip_prefix("\"\"\"") {
            3 + block.find("\"\"\"").unwrap() + 3
        } else if next == '"' {
            let end = rest[1..].replace("\\\"", "xx").find('"').unwrap();
            end + 2
        } else {
            next.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        written.push_str(if token == " " {
            gaps.next().unwrap_or(&" ")
        } else {
            token
        });
        rest = after;
    }
    written
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

#[test]
fn the_parts_of_a_generated_query_have_all_of_it_and_nothing_of_each_other() {
    let strategy = (roots(false), vec(select(GAPS), 1..40), any::<bool>());
    let [own, upstream, both] = [const { Cell::new(0) }; 3];
    let mut runner = TestRunner::new(config(300));
    let result = runner.run(&strategy, |(roots, gaps, others)| {
        let query = document(&roots, &gaps, others);
        let is_ours = roots
            .iter()
            .all(|(_, field)| OURS.contains(field) || field == &"__typename");
        let parts = split(&query);
        // A document of ours alone may not be split.
        prop_assert!(parts.is_some() || is_ours, "refused: {query}");
        if let Some(parts) = parts {
            let has = |sides: &[&str]| {
                roots
                    .iter()
                    .any(|(_, field)| sides.contains(field) && field != &"__typename")
            };
            prop_assert_eq!(parts.upstream.is_some(), has(THEIRS), "{}", query);
            prop_assert_eq!(parts.introspection.is_some(), has(SCHEMA), "{}", query);
            prop_assert!(parts.own.is_some() || !has(OURS), "{}", query);
            own.set(own.get() + u32::from(parts.own.is_some()));
            upstream.set(upstream.get() + u32::from(parts.upstream.is_some()));
            both.set(both.get() + u32::from(parts.own.is_some() && parts.upstream.is_some()));
        }
        Ok(())
    });
    result.unwrap();
    assert!(own.get() > 150 && upstream.get() > 150 && both.get() > 100);
}

#[test]
fn the_parts_of_a_query_with_joined_fields_are_documents_of_one_side() {
    let strategy = (roots(true), vec(select(GAPS), 1..40), any::<bool>());
    let joined = Cell::new(0);
    let mut runner = TestRunner::new(config(200));
    let result = runner.run(&strategy, |(roots, gaps, others)| {
        let query = document(&roots, &gaps, others);
        if let Some(parts) = split(&query) {
            joined.set(joined.get() + u32::from(parts.joined > 0));
        } else {
            let is_ours = roots
                .iter()
                .all(|(_, field)| OURS.contains(field) || field == &"__typename");
            prop_assert!(is_ours, "refused: {query}");
        }
        Ok(())
    });
    result.unwrap();
    assert!(joined.get() > 50, "{}", joined.get());
}

#[test]
fn a_text_of_any_tokens_is_split_rightly_or_refused() {
    const TOKENS: &[&str] = &[
        "query",
        "mutation",
        "fragment F on Query",
        "fragment G on Query",
        "fragment T on Task",
        "...F",
        "...G",
        "...T",
        "... on Query",
        "...",
        "{",
        "{",
        "{",
        "}",
        "}",
        "}",
        "}",
        "me { id }",
        "tasks { id }",
        "taskCount",
        "session {",
        "id",
        "title",
        "a:",
        "b:",
        "__typename",
        "__schema { queryType { name } }",
        "_service { sdl }",
        "@include(if: $a)",
        "@skip(if: false)",
        "@defer",
        "($a: Boolean = true)",
        "addTask(title: \"x\") { id }",
        "logout { loggedOut }",
        "node(id: \"user_1\") { id }",
        "node(id: $a) { id }",
        "me { nickname tasks { ...T } }",
        "\"description\"",
        "# x\n",
        "Q",
    ];
    let admitted = Cell::new(0);
    let strategy = vec(select(TOKENS), 1..24);
    let closed = |tokens: Vec<&str>| {
        let mut text = tokens.join(" ");
        // Most random texts do not close what they open.
        for _ in text.matches('}').count()..text.matches('{').count() {
            text.push_str(" }");
        }
        format!("{{ taskCount {text}")
    };
    let mut runner = TestRunner::new(config(2_000));
    let result = runner.run(&strategy, |tokens| {
        let mut text = closed(tokens);
        if text.matches('{').count() > text.matches('}').count() {
            text.push('}');
        }
        admitted.set(admitted.get() + u32::from(split(&text).is_some()));
        Ok(())
    });
    result.unwrap();
    assert!(admitted.get() > 10, "{}", admitted.get());
}
