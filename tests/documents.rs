//! Every test that a document names exists, and the documents' counts are right.

use std::{collections::BTreeMap, fs, path::Path};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|_| panic!("{path} is named and not there"))
}

/// Returns every `path.rs::name` between back-ticks in a document.
fn named_tests(document: &str) -> Vec<(&str, &str)> {
    document
        .split('`')
        .filter_map(|code| code.split_once(".rs::"))
        .filter(|(path, _)| path.starts_with("tests/") || path.starts_with("src/"))
        .collect()
}

/// Returns whether a function of this name is a test that runs.
fn is_test(source: &str, name: &str) -> bool {
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    let line = lines
        .iter()
        .position(|line| line.contains(&format!("fn {name}(")));
    line.is_some_and(|line| {
        let above = lines[..line].iter().rev();
        let attributes: Vec<_> = above.take_while(|line| line.starts_with('#')).collect();
        attributes
            .iter()
            .any(|line| line.starts_with("#[test") || line.starts_with("#[tokio::test"))
            && !attributes.iter().any(|line| line.starts_with("#[ignore"))
    })
}

/// Returns the cells of each table row whose first cell is an id.
fn rows(document: &str) -> Vec<Vec<&str>> {
    document
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>())
        .filter(|cells| {
            let id = cells[0];
            id.bytes().any(|byte| byte.is_ascii_digit()) && !id.contains([' ', '`'])
        })
        .collect()
}

#[test]
fn every_test_named_in_a_document_exists() {
    let mut seen = 0;
    for document in ["docs/asvs.md", "docs/security.md"] {
        let text = read(document);
        for (path, name) in named_tests(&text) {
            let name = name.rsplit("::").next().unwrap();
            assert!(
                is_test(&read(&format!("{path}.rs")), name),
                "{document} names {path}::{name}, which is no test"
            );
            seen += 1;
        }
    }
    assert!(seen > 100, "the reader of documents reads nothing: {seen}");
}

#[test]
fn every_row_of_asvs_names_a_test_and_the_counts_match_the_rows() {
    let text = read("docs/asvs.md");
    let mut counts = BTreeMap::<&str, [usize; 3]>::new();
    let mut open = [vec![], vec![], vec![]];
    for row in rows(&text) {
        let (id, applies, how, proof) = (row[0], row[2], row[3], row[4]);
        let level: usize = row[1].parse().unwrap();
        let state = if applies.starts_with("no:") {
            "not applicable"
        } else if applies.starts_with("later:") {
            "later"
        } else if proof.starts_with("open: ") {
            open[level - 1].push(id);
            "open"
        } else {
            assert!(applies == "yes" && !how.is_empty(), "{id}");
            if let Some(file) = proof.strip_prefix("by design: `") {
                read(file.trim_end_matches('`'));
            } else {
                assert!(!named_tests(proof).is_empty(), "{id} has no proof");
            }
            "met"
        };
        counts.entry(state).or_default()[level - 1] += 1;
    }
    for (state, [one, two, three]) in &counts {
        let all = one + two + three;
        let line = format!("| {state} | {one} | {two} | {three} | {all} |");
        assert!(text.contains(&line), "docs/asvs.md lacks {line}");
    }
    let [one, two, three] = &open;
    assert!(one.is_empty() && two.is_empty(), "{one:?} {two:?}");
    let line = format!("Open at level 3: {}.", three.join(", "));
    assert!(text.contains(&line), "docs/asvs.md lacks: {line}");
}

#[test]
fn the_count_of_attack_cases_matches_the_rows() {
    let text = read("docs/security.md");
    let rows = rows(&text);
    let without = rows.iter().filter(|row| row[2].is_empty()).count();
    let in_part = rows.iter().filter(|row| row[3].contains("Open:")).count();
    let line = format!(
        "Of {} cases {} are tested, {in_part} of them in part",
        rows.len(),
        rows.len() - without
    );
    assert!(text.contains(&line), "docs/security.md lacks: {line}");
    for row in rows.iter().filter(|row| row[2].is_empty()) {
        assert!(row[3].starts_with("cannot apply"), "{}", row[0]);
    }
}

/// A heading's anchor, as GitHub makes it.
fn anchor(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn every_link_in_the_documents_leads_to_a_file_and_a_heading() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = vec![root.join("README.md"), root.join("SECURITY.md")];
    let pages = fs::read_dir(root.join("docs")).unwrap();
    documents.extend(pages.map(|page| page.unwrap().path()));
    documents.retain(|path| path.extension().is_some_and(|name| name == "md"));

    let mut seen = 0;
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        let links = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'));
        for (link, _) in links.filter(|(link, _)| !link.starts_with("http")) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let mut target = document.clone();
            if !path.is_empty() {
                target = document.parent().unwrap().join(path);
            }
            assert!(target.exists(), "{}: {link}", document.display());
            if !heading.is_empty() {
                let page = fs::read_to_string(&target).unwrap();
                let mut headings = page.lines().filter(|line| line.starts_with('#'));
                let found = headings.any(|line| anchor(line) == heading);
                assert!(found, "{}: {link}", document.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 50, "too few links were found: {seen}");
}
