//! What the fuzzer kept, run through the same properties: a finding that was mended stays mended.

use std::{fs, path::Path};

#[path = "../../fuzz/src/lib.rs"]
mod properties;

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut replayed = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        // Shown when the test fails: a panic in the property does not name the file.
        eprintln!("{}", path.display());
        check(&fs::read(path).unwrap());
        replayed += 1;
    }
    assert!(replayed > 5, "{target} has no corpus");
}

#[test]
fn a_cookie_counts_when_it_is_there_once() {
    replay("cookie", properties::cookie::check);
}

#[test]
fn a_token_or_device_has_one_spelling() {
    replay("token", properties::token::check);
}

#[test]
fn a_prepared_username_stays_what_it_is() {
    replay("username", properties::username::check);
}

#[test]
fn a_stored_string_is_read_or_refused_and_never_more() {
    replay("stored_hash", properties::stored_hash::check);
}

#[test]
fn the_guard_finds_what_writing_all_fragments_out_finds() {
    replay("guard", properties::guard::check);
}

#[test]
fn a_body_is_read_as_any_parser_reads_it_or_refused() {
    replay("strict_json", properties::strict_json::check);
}

#[test]
fn every_target_is_replayed_here() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
    for target in fs::read_dir(targets).unwrap() {
        let name = target.unwrap().file_name().into_string().unwrap();
        let target = name.strip_suffix(".rs").unwrap();
        assert!(include_str!("fuzz_corpora.rs").contains(&format!("replay(\"{target}\"")));
    }
}
