//! The ladder of rooms: imports go down it only.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// From the bottom up; a room may look into those before it.
const LADDER: &[&str] = &[
    "domain",
    "config",
    "store",
    "telemetry",
    "auth",
    "transfer",
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

/// The rooms that a file names by `crate::…`, in groups too.
fn rooms_named(source: &str) -> Vec<String> {
    let mut rooms = vec![];
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
                    rooms.push(std::mem::take(&mut word));
                }
            }
            rooms.push(word);
        } else {
            rooms.push(
                rest.chars()
                    .take_while(|char| char.is_alphanumeric() || *char == '_')
                    .collect(),
            );
        }
    }
    rooms
}

fn rung(room: &str) -> Option<usize> {
    LADDER.iter().position(|rung| *rung == room)
}

#[test]
fn imports_go_down_the_ladder_only() {
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
        let room = path.split(['/', '.']).next().unwrap();
        if matches!(room, "lib" | "main") {
            continue;
        }
        let own = rung(room).unwrap_or_else(|| panic!("{path} is in no room of the ladder"));
        let source = fs::read_to_string(&file).unwrap();
        for named in rooms_named(&source) {
            if let Some(other) = rung(&named) {
                seen += 1;
                assert!(other <= own, "{path} looks up into {named}");
            }
        }
        if room != "store" {
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
    assert_eq!(rooms_named(source), ["auth", "domain", "http", "store"]);
}
