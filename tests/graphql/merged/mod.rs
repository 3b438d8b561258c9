//! The schema that clients see when there is an upstream: ours and theirs as one.

use apollo_compiler::{Schema, validation::Valid};
use gatelodge::graphql::{
    merged::{MergedSchema, UpstreamSchema},
    published::published_schema,
};

mod clashes;
mod federation;
mod introspected;
mod rules;
mod servers;
mod upstream;

/// The name of the upstream's file in messages.
const FILE: &str = "tasks.graphql";

fn ours() -> Valid<Schema> {
    published_schema().unwrap()
}

fn upstream(text: &str) -> UpstreamSchema {
    UpstreamSchema::from_sdl(text, FILE).unwrap()
}

/// Merges an upstream's schema into the published one.
fn merged(text: &str) -> MergedSchema {
    merged_with_prefix(text, "")
}

fn merged_with_prefix(text: &str, prefix: &str) -> MergedSchema {
    match MergedSchema::merge(&ours(), upstream(text), prefix) {
        Ok(merged) => merged,
        Err(clashes) => panic!("{clashes:#?}"),
    }
}

/// Returns the messages of all clashes.
fn clashes(text: &str, prefix: &str) -> Vec<String> {
    let clashes = MergedSchema::merge(&ours(), upstream(text), prefix).expect_err("a clash");
    clashes.iter().map(ToString::to_string).collect()
}

/// Returns the definition of a type without descriptions.
fn definition(merged: &MergedSchema, name: &str) -> String {
    let sdl = merged.sdl();
    let lines = sdl
        .lines()
        .skip_while(|line| {
            let mut words = line.split(' ').skip(1);
            line.starts_with('\t') || words.next() != Some(name)
        })
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.trim_start().starts_with('"'));
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}
