//! Errors in the settings file: each names the file and the line, and all are reported at once.

use std::fs;

use super::settings_file::run;
use crate::harness::{CommandOutput, gatelodge};

/// Asserts that the server refuses a file with these words.
pub fn assert_refused(text: &str, words: &[&str]) {
    let output = run(text, &[], &[]);
    assert_eq!(output.status, 2, "{text}: {}", output.error);
    for word in words {
        assert!(output.error.contains(word), "{word}: {}", output.error);
    }
}

#[test]
fn a_wrong_key_or_value_is_refused_with_the_files_name_and_line() {
    for (text, words) in [
        (
            "\nlimit-dept = 3",
            &["gatelodge.toml, line 2", "`limit-dept`", "`limit-depth`"][..],
        ),
        (
            "GATELODGE_LISTEN = \"x\"",
            &["line 1", "Did you mean `listen`"],
        ),
        ("database_url = \"x\"", &["Did you mean `database-url`"]),
        (
            "wholly-unknown = 1",
            &["line 1", "`wholly-unknown`", "docs/settings.md"],
        ),
        ("config = \"other.toml\"", &["line 1", "--config"]),
        (
            "listen = \"a\"\n\nlisten = \"b\"",
            &["line 3", "`listen` is set twice"],
        ),
        (
            "[forward-auht]",
            &["line 1", "unknown table", "`forward-auth`"],
        ),
        ("[listen]\na = 1", &["line 1", "`listen` must be a string"]),
        ("listen = 8000", &["line 1", "`listen` must be a string"]),
        ("session-idle = 7", &["`session-idle` must be a string"]),
        ("no-migrate = 1", &["`no-migrate` must be true or false"]),
        (
            "limit-depth = true",
            &["`limit-depth` must be a number", "limit-depth = 16"],
        ),
        ("limit-depth = 1.5", &["`limit-depth` must be a number"]),
        (
            "allowed-origins = [1]",
            &["`allowed-origins` must be an array"],
        ),
        ("secret = [\"a\"]", &["`secret` must be a string"]),
        ("listen = 1979-05-27", &["`listen` must be a string"]),
        ("= 1", &["line 1", "is not valid TOML"]),
        (
            "listen = \"nowhere\"",
            &["'nowhere'", "gatelodge.toml, line 1, `listen`"],
        ),
        (
            "session-idle = \"40d\"",
            &["gatelodge.toml, line 1, `session-idle`: 40d is above"],
        ),
        (
            "secret = \"short\"",
            &["gatelodge.toml, line 1, `secret`: is shorter"],
        ),
        (
            "secret-file = \"missing\"",
            &["gatelodge.toml, line 1, `secret-file`: cannot read"],
        ),
        (
            "log = \"loud\"",
            &["gatelodge.toml, line 1, `log`: \"loud\" is no level"],
        ),
    ] {
        assert_refused(text, words);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("latin"), b"listen = \"\xe9\"").unwrap();
    for (path, problem) in [
        ("missing.toml", "cannot be read"),
        ("/", "cannot be read"),
        ("latin", "UTF-8"),
        ("/dev/zero", "larger than 1 MiB"),
    ] {
        let output = gatelodge(&directory)
            .args(["--config", path])
            .output()
            .unwrap();
        let output = CommandOutput::from(output);
        assert_eq!(output.status, 2, "{path}: {}", output.error);
        assert!(
            output.error.contains(path) && output.error.contains(problem),
            "{}",
            output.error
        );
    }
}

#[test]
fn wrong_settings_of_all_sources_are_reported_at_once() {
    let file = "unknown-key = 1\nsession-lifetime = \"500d\"\nlimit-depth = true\nsession-idle = \"60d\"\n\
                cookie-samesite = \"none\"\n[[forward-auth]]\npaths = \"x\"\n[[forward-auth]]\npath = 3";
    let environment = [
        ("GATELODGE_TRUSTED_PROXIES", "proxy"),
        ("DATABASE_URL", "oracle://x"),
    ];
    let output = run(file, &environment, &[]);
    assert_eq!(output.status, 2);
    for words in [
        "line 1: unknown key",
        "'500d'",
        "line 3: `limit-depth`",
        "line 5, `cookie-samesite`",
        "no key `paths`",
        "line 9: [[forward-auth]]",
        "'proxy'",
        "DATABASE_URL: must start",
    ] {
        assert_eq!(
            output.error.matches(words).count(),
            1,
            "{words}: {}",
            output.error
        );
    }
    // The lifetime is wrong, so nothing is compared with its default.
    assert!(!output.error.contains("`session-idle`"), "{}", output.error);
    // A flag too. Then combinations are not checked.
    let output = run(file, &environment, &["--listen", "nowhere"]);
    for words in ["unknown key", "'500d'", "'proxy'", "'nowhere'"] {
        assert_eq!(
            output.error.matches(words).count(),
            1,
            "{words}: {}",
            output.error
        );
    }
}

#[test]
fn a_file_with_a_syntax_error_hides_no_other_errors_and_invents_none() {
    let file = "public-url = \"https://auth.example.com\"\nsecret = \"abc";
    let output = run(file, &[("GATELODGE_LISTEN", "nowhere")], &[]);
    assert!(
        output.error.contains("line 2") && output.error.contains("'nowhere'"),
        "{}",
        output.error
    );
    let public = [("GATELODGE_PUBLIC_URL", "https://auth.example.com")];
    let output = run(file, &public, &[]);
    // The secret may be in the part that could not be read.
    assert!(
        !output.error.contains("GATELODGE_SECRET"),
        "{}",
        output.error
    );
}
