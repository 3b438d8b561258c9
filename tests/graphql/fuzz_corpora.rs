//! Replays the fuzzer's inputs against the same properties, so that fixed findings stay fixed.

use std::{fs, path::Path};

#[path = "../../fuzz/src/lib.rs"]
pub mod properties;

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut replayed = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        // Shown when the test fails, since a panic in the property does not name the file.
        eprintln!("{}", path.display());
        check(&fs::read(path).unwrap());
        replayed += 1;
    }
    assert!(replayed > 5, "{target} has no corpus");
}

#[test]
fn a_cookie_is_accepted_only_when_it_occurs_once() {
    replay("cookie", properties::cookie::check);
}

#[test]
fn a_token_or_device_id_has_exactly_one_spelling() {
    replay("token", properties::token::check);
}

#[test]
fn a_prepared_username_does_not_change_when_prepared_again() {
    replay("username", properties::username::check);
}

#[test]
fn a_stored_string_is_parsed_or_refused_and_never_panics() {
    replay("stored_hash", properties::stored_hash::check);
}

#[test]
fn the_guard_counts_the_same_as_with_all_fragments_expanded() {
    replay("guard", properties::guard::check);
}

#[test]
fn a_body_is_parsed_like_by_any_json_parser_or_refused() {
    replay("strict_json", properties::strict_json::check);
}

#[test]
fn the_parts_of_an_operation_have_all_of_it_and_nothing_of_each_other() {
    replay("split", properties::split::check);
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
