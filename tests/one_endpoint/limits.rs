//! Limits of operations that the service runs, or a part of them.

use std::fmt::Write;

use gatelodge::config::Config;

use super::{SCHEMA, ask, tasks, use_schema, with_service, with_tasks};

fn limits(change: fn(&mut Config)) -> impl Fn(&mut Config) {
    move |config: &mut Config| {
        use_schema(config, SCHEMA);
        change(config);
    }
}

/// Returns a selection of nested fields of the service, `depth` levels with its leaf.
fn nested(depth: usize) -> String {
    let open = "parent { ".repeat(depth - 1);
    format!("{open}id{}", " }".repeat(depth - 1))
}

#[test]
fn the_depth_of_the_services_part_has_a_limit_of_its_own() {
    let settings = limits(|config| {
        config.upstream.as_mut().unwrap().max_depth = 12;
        config.limits.depth = 4;
    });
    with_service(settings, tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let deep = |depth: usize| format!("tasks {{ {} }}", nested(depth - 1));
        for (query, is_allowed) in [
            (format!("{{ {} }}", deep(12)), true),
            (format!("{{ {} }}", deep(13)), false),
            (format!("{{ me {{ id }} {} }}", deep(12)), true),
            (format!("{{ me {{ id }} {} }}", deep(13)), false),
            (
                format!(
                    "{{ ...F me {{ id }} }} fragment F on Query {{ {} }}",
                    deep(13)
                ),
                false,
            ),
            // Ours stays at its own limit.
            (
                "{ tasks { id } me { sessions { edges { node { id } } } } }".to_owned(),
                false,
            ),
            (
                "{ tasks { id } me { sessions { nodes { id } } } }".to_owned(),
                true,
            ),
            (format!("{{ me {{ {} }} }}", deep(13)), false),
            (format!("{{ me {{ {} }} }}", deep(8)), true),
            (
                format!(
                    "{{ me {{ ...F }} }} fragment F on User {{ tasks {{ ...T }} }} fragment T on Task {{ {} }}",
                    nested(13)
                ),
                false,
            ),
        ] {
            let before = upstream.asked().len();
            let reply = ask(&ada, &query).await;
            if is_allowed {
                assert!(
                    !reply.text.contains("OPERATION_TOO_COMPLEX"),
                    "{query}: {}",
                    reply.text
                );
                assert_eq!(
                    upstream.asked().len(),
                    before + 1,
                    "{query}: {}",
                    reply.text
                );
            } else {
                assert_eq!(reply.code(), "OPERATION_TOO_COMPLEX", "{query}");
                assert_eq!(upstream.asked().len(), before, "{query}");
            }
        }
    });
}

#[test]
fn the_number_of_the_services_fields_has_a_limit_of_its_own() {
    let settings = limits(|config| {
        config.upstream.as_mut().unwrap().max_complexity = 30;
        config.limits.complexity = 20;
    });
    with_service(settings, tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let wide = |fields| format!("tasks {{ {} }}", "id ".repeat(fields));
        for (query, is_allowed) in [
            (format!("{{ {} }}", wide(29)), true),
            (format!("{{ {} }}", wide(30)), false),
            (format!("{{ me {{ id username }} {} }}", wide(29)), true),
            (
                format!("{{ me {{ {} }} {} }}", "id ".repeat(20), wide(1)),
                false,
            ),
            (format!("{{ me {{ {} }} }}", wide(40)), false),
            // Fragments count each time.
            (
                format!(
                    "{{ tasks {{ ...A ...A ...A }} }} fragment A on Task {{ {} }}",
                    "id ".repeat(10)
                ),
                false,
            ),
        ] {
            let before = upstream.asked().len();
            let reply = ask(&ada, &query).await;
            assert_eq!(
                reply.text.contains("OPERATION_TOO_COMPLEX"),
                !is_allowed,
                "{query}"
            );
            assert_eq!(
                upstream.asked().len() - before,
                usize::from(is_allowed),
                "{query}"
            );
        }
    });
}

#[test]
fn the_other_limits_hold_for_the_whole_document() {
    let settings = limits(|config| {
        config.limits.roots = 4;
        config.limits.aliases = 5;
        config.limits.arguments = 6;
        config.limits.directives = 3;
        config.limits.spreads = 3;
        config.limits.tokens = 200;
    });
    with_service(settings, tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        for (query, is_allowed) in [
            (
                "{ me { id } session { id } tasks { id } taskCount }".to_owned(),
                true,
            ),
            (
                "{ me { id } session { id } tasks { id } taskCount number }".to_owned(),
                false,
            ),
            (
                format!(
                    "{{ tasks {{ {} }} }}",
                    "a: id b: id c: id d: id e: id f: id"
                ),
                false,
            ),
            (
                "{ a: me { a: id b: id } b: tasks { a: id b: id } }".to_owned(),
                false,
            ),
            (
                "{ tasks(a: 1, b: 2, c: 3) { id } task(a: 1, b: 2, c: 3, d: 4) { id } }".to_owned(),
                false,
            ),
            ("{ tasks @a @b @c @d { id } }".to_owned(), false),
            (
                "{ tasks { ...A ...A ...A ...A } } fragment A on Task { id }".to_owned(),
                false,
            ),
            (
                format!(
                    "query Q {{ tasks {{ id }} }} {}",
                    "fragment A on Task { id }"
                ),
                true,
            ),
            (
                format!("query Q {{ tasks {{ id {} }} }}", "x ".repeat(200)),
                false,
            ),
        ] {
            let before = upstream.asked().len();
            let reply = ada
                .post(serde_json::json!({ "query": query, "operationName": query.starts_with("query").then_some("Q") }).to_string())
                .await;
            let refused = reply.text.contains("OPERATION_TOO_COMPLEX");
            assert_eq!(refused, !is_allowed, "{query}: {}", reply.text);
            assert_eq!(
                upstream.asked().len() - before,
                usize::from(is_allowed),
                "{query}"
            );
        }
    });
}

#[test]
fn brackets_of_the_services_part_may_not_nest_without_end() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        for query in [
            format!(
                "{{ echo(list: {}1{}) }}",
                "[".repeat(5_000),
                "]".repeat(5_000)
            ),
            format!("{{ tasks {{ {} }} }}", nested(1_000)),
        ] {
            let reply = ask(&ada, &query).await;
            assert_eq!(reply.code(), "OPERATION_TOO_COMPLEX");
        }
        assert_eq!(upstream.queries(), [""; 0]);
    });
}

#[test]
fn chained_fragments_do_not_grow_without_end() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let mut query = "{ tasks { ...F0 } me { id } }".to_owned();
        for index in 0..25 {
            let next = index + 1;
            write!(query,
                " fragment F{index} on Task {{ a{index}: parent {{ ...F{next} }} b{index}: parent {{ ...F{next} }} }}"
            ).unwrap();
        }
        query.push_str(" fragment F25 on Task { id }");
        assert_eq!(ask(&ada, &query).await.code(), "OPERATION_TOO_COMPLEX");
        assert_eq!(upstream.queries(), [""; 0]);
    });
}

#[test]
fn a_field_of_the_service_with_the_name_of_a_connection_of_ours_is_no_connection() {
    with_tasks(tasks, async |app, upstream| {
        let ada = app.register("ada").await;
        let query = "{ tasks { users { sessions { users { id } } } } }";
        ask(&ada, query).await;
        assert_eq!(upstream.queries(), [query]);
    });
}
