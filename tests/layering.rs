//! The layers of modules: imports go from a higher layer to a lower one.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// From the lowest up. A layer may import from those before it.
const LAYERS: &[&str] = &[
    "domain",
    "config",
    "http_client",
    "breached",
    "store",
    "telemetry",
    "identity",
    "auth",
    "transfer",
    "upstream",
    "graphql",
    "http",
    "app",
    "cli",
];

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// Returns the layers that a file names by `crate::…`, in groups too.
fn layers_named(source: &str) -> Vec<String> {
    let mut layers = vec![];
    for (at, _) in source.match_indices("crate::") {
        let rest = &source[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            for char in group.chars() {
                match char {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 && (char.is_alphanumeric() || char == '_') {
                    word.push(char);
                } else if depth == 0 && !word.is_empty() {
                    layers.push(std::mem::take(&mut word));
                }
            }
            layers.push(word);
        } else {
            layers.push(
                rest.chars()
                    .take_while(|char| char.is_alphanumeric() || *char == '_')
                    .collect(),
            );
        }
    }
    layers
}

fn height(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|other| *other == layer)
}

#[test]
fn modules_import_only_from_lower_layers() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    rust_files(&src, &mut files);
    let mut seen = 0;
    for file in files {
        let path = file
            .strip_prefix(&src)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let layer = path.split(['/', '.']).next().unwrap();
        if matches!(layer, "lib" | "main") {
            continue;
        }
        let own = height(layer).unwrap_or_else(|| panic!("{path} is in no layer"));
        let source = fs::read_to_string(&file).unwrap();
        for named in layers_named(&source) {
            if let Some(other) = height(&named) {
                seen += 1;
                assert!(other <= own, "{path} imports the higher layer {named}");
            }
        }
        if layer != "store" {
            assert!(
                !source.contains("sea_orm"),
                "{path} names SeaORM: only store does"
            );
        }
    }
    assert!(seen > 50, "the reader of imports reads nothing");
}

#[test]
fn the_reader_of_imports_reads_groups() {
    let source =
        "use crate::{auth::{Auth, x}, domain::{clock::Clock}, http};\nuse crate::store::Store;";
    assert_eq!(layers_named(source), ["auth", "domain", "http", "store"]);
}
