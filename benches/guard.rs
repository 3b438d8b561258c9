//! What documents cost: the worst that the guard admits, and the worst that it refuses.
//!
//! `cargo bench --bench guard` prints CPU time per request, in milliseconds, for parse, guard, validation,
//! execution and serialisation together. The target is under 20 ms for every document that passes.

#![recursion_limit = "256"]

use std::{hint::black_box, net::IpAddr, sync::Arc, time::Instant};

use gatelodge::{
    app::{self, App},
    domain::{clock::SystemClock, entropy::OsEntropy},
    graphql::{
        Executor,
        context::{ClientRequest, RequestContext},
        execute::{Execution, Mutations},
        guard::OperationRequest,
    },
    telemetry::document_metrics::DocumentMetrics,
};

const MAX_ATTEMPTS: u32 = 30;

#[expect(clippy::too_many_lines, reason = "a table")]
fn documents() -> Vec<(&'static str, String)> {
    let many =
        |count: usize, text: &dyn Fn(usize) -> String| (0..count).map(text).collect::<String>();
    let chain = |length: usize, spreads: usize| {
        let link = |n: usize| {
            format!(
                "fragment F{n} on Query{{{}}}",
                format!("...F{} ", n + 1).repeat(spreads)
            )
        };
        format!(
            "{{...F0}}{}fragment F{length} on Query{{__typename}}",
            many(length, &link)
        )
    };
    let all = "name kind description isOneOf specifiedByURL fields{name description isDeprecated deprecationReason \
               args{name description defaultValue type{kind name}} type{kind name}} interfaces{name kind} \
               possibleTypes{name kind} enumValues{name} inputFields{name defaultValue}";
    vec![
        ("an ordinary query", "{ me { id username } }".to_owned()),
        (
            "the introspection query",
            include_str!("../tests/graphql/introspection.graphql").to_owned(),
        ),
        (
            "500 fields",
            format!("{{authSettings{{{}}}}}", "__typename ".repeat(499)),
        ),
        (
            "500 unknown fields",
            format!(
                "{{authSettings{{{}}}}}",
                many(499, &|n| format!("unknown{n} "))
            ),
        ),
        (
            "500 fields of settings",
            format!("{{authSettings{{{}}}}}", "usernameMaxLength ".repeat(499)),
        ),
        (
            "20 aliases of settings",
            format!(
                "{{{}}}",
                many(20, &|n| format!(
                    "a{n}:authSettings{{{}}}",
                    "registrationOpen ".repeat(24)
                ))
            ),
        ),
        (
            "20 conflicting fields",
            format!("{{{}}}", many(20, &|n| format!("a:node(id:\"{n}\"){{id}}"))),
        ),
        (
            "25 inline fragments deep, 250 fields",
            format!(
                "{{authSettings{}{{{}}}{}}}",
                "{...on AuthSettings".repeat(25),
                "__typename ".repeat(250),
                "}".repeat(25)
            ),
        ),
        ("every fragment spreads the next, 99 long", chain(99, 1)),
        (
            "99 unused fragments",
            format!(
                "{{__typename}}{}",
                many(99, &|n| format!("fragment F{n} on Query{{__typename}}"))
            ),
        ),
        (
            "340 variables, none of them used",
            format!(
                "query({}){{__typename}}",
                many(340, &|n| format!("$v{n}:Int "))
            ),
        ),
        (
            "60 KiB of string",
            format!("{{node(id:\"{}\"){{id}}}}", "x".repeat(60_000)),
        ),
        (
            "60 KiB of comment",
            format!("{{__typename}}#{}", "x".repeat(60_000)),
        ),
        (
            "60 brackets of list",
            format!("{{node(id:{}1{}){{id}}}}", "[".repeat(60), "]".repeat(60)),
        ),
        (
            "60 brackets of object",
            format!("{{node(id:{}1{}){{id}}}}", "{a:".repeat(60), "}".repeat(60)),
        ),
        (
            "all about all types",
            format!("{{__schema{{types{{{all}}}}}}}"),
        ),
        (
            "all about the types of all fields",
            "{__schema{types{fields{type{fields{name type{name}}}}}}}".to_owned(),
        ),
        (
            "all about one type's fields' types",
            format!("{{__type(name:\"__Type\"){{fields{{type{{ofType{{{all}}}}}}}}}}}"),
        ),
        (
            "possible types' fields",
            "{__schema{types{possibleTypes{fields{name args{name} type{name}}}}}}".to_owned(),
        ),
        (
            "descriptions again and again",
            format!("{{__schema{{types{{{}}}}}}}", "description ".repeat(450)),
        ),
        (
            "200 arguments of one field, 490 fields that must merge with it",
            format!(
                "{{authSettings{{f({}) {}}}}}",
                many(200, &|n| format!("a{n}:1 ")),
                "f ".repeat(490)
            ),
        ),
        (
            "refused: 332 arguments of one field, 490 fields that must merge with it",
            format!(
                "{{authSettings{{f({}) {}}}}}",
                "a:1 ".repeat(332),
                "f ".repeat(490)
            ),
        ),
        ("refused: fragments that double, 31 long", chain(31, 2)),
        ("refused: 60 KiB of brackets", "[".repeat(60_000)),
        ("refused: 60 KiB of names", "a ".repeat(30_000)),
        (
            "refused: lists that multiply",
            format!(
                "{{__schema{{types{}name{}}}}}",
                "{fields{type{".repeat(4),
                "}}}".repeat(4)
            ),
        ),
    ]
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let url = format!("sqlite://{}/g.db?mode=rwc", directory.path().display());
    let config = gatelodge::cli::parse(["gatelodge", "--database-url", &url].map(Into::into))?;
    let app = app::build(config.clone(), Arc::new(SystemClock), Arc::new(OsEntropy)).await?;
    // Off while documents are timed: each is read again.
    let mut documents_config = config.documents;
    documents_config.document_cache = 0;
    let engine = Executor::new(
        config.limits.clone(),
        &documents_config,
        true,
        DocumentMetrics::default(),
        None,
    )?;
    for (name, query) in documents() {
        let mut best = f64::MAX;
        let mut word = "";
        for _ in 0..MAX_ATTEMPTS {
            let request = OperationRequest {
                query: Some(query.clone()),
                ..OperationRequest::default()
            };
            let context = stranger(&app);
            let start = Instant::now();
            let outcome = engine.run(request, Mutations::Allowed, context).await;
            word = match &outcome {
                Execution::Executed(response) => {
                    black_box(serde_json::to_string(response)?);
                    "runs"
                }
                Execution::Refused(errors) => {
                    black_box(serde_json::to_string(errors)?);
                    if errors[0].message.contains("too ") {
                        "guard"
                    } else {
                        "refused"
                    }
                }
                _ => "other",
            };
            best = best.min(start.elapsed().as_secs_f64() * 1000.0);
        }
        eprintln!("{best:9.3} ms  {word:8} {name}");
    }
    documents_config.document_cache = 1 << 30;
    let engine = Executor::new(
        config.limits,
        &documents_config,
        true,
        DocumentMetrics::default(),
        None,
    )?;
    weigh(&engine, &app).await
}

/// Prints what a kept document takes, for the weights in `graphql/guard/cache.rs`.
async fn weigh(engine: &Executor, app: &App) -> Result<(), Box<dyn std::error::Error>> {
    const DOCUMENTS: usize = 1_000;
    for fields in [1, 20, 200] {
        let before = resident()?;
        for n in 0..DOCUMENTS {
            let query = format!(
                "{{ a{n}:authSettings {{ {} }} }}",
                "registrationOpen ".repeat(fields)
            );
            for _ in 0..2 {
                let request = OperationRequest {
                    query: Some(query.clone()),
                    ..OperationRequest::default()
                };
                engine.run(request, Mutations::Allowed, stranger(app)).await;
            }
        }
        let bytes = (resident()? - before) / DOCUMENTS;
        eprintln!(
            "{bytes:9} bytes for a kept document of {} tokens",
            fields + 8
        );
    }
    Ok(())
}

/// Returns the resident memory of this process in bytes.
fn resident() -> Result<usize, Box<dyn std::error::Error>> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages = statm.split(' ').nth(1).ok_or("statm")?;
    Ok(pages.parse::<usize>()? * 4096)
}

fn stranger(app: &App) -> Arc<RequestContext> {
    Arc::new(RequestContext::new(
        Arc::clone(app.auth()),
        None,
        None,
        IpAddr::from([127, 0, 0, 1]),
        None,
        ClientRequest::default(),
    ))
}
