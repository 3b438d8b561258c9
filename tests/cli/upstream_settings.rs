//! The settings of the GraphQL service behind the gate: a table of the settings file, or the address alone.

use serde_json::{Value, json};

use super::{config::value, settings_file::run, settings_file_errors::assert_refused};

const VARIABLE: &str = "GATELODGE_UPSTREAM";

/// Returns what `gatelodge config` prints.
fn effective(text: &str, environment: &[(&str, &str)]) -> Vec<Value> {
    let output = run(text, environment, &["config", "--json"]);
    assert_eq!(output.status, 0, "{}", output.error);
    serde_json::from_str(&output.out).unwrap()
}

#[test]
fn the_address_alone_is_enough_and_a_table_with_all_keys_is_accepted() {
    let url = "http://tasks:9000/graphql";
    let all = effective("", &[(VARIABLE, url)]);
    assert_eq!(*value(&all, "upstream"), url);
    let text = "[graphql-upstream]\nurl = \"https://tasks.internal/graphql?a=b\"\naudience = \"tasks\"\n\
                require = [\"session\", \"role:editor\"]\nschema = \"tasks.graphql\"\ntype-prefix = \"Gate\"\n\
                connect-timeout = \"1s\"\nfirst-byte-timeout = \"2s\"\nsilence-timeout = \"1m\"\n\
                pool-idle-timeout = \"1s 500ms\"\ntimeout = \"5m\"\nmax-merge = \"1MiB\"\nmax-depth = 3\n\
                max-complexity = 4\nforward-extensions = [\"tracing\"]\n";
    let table = value(&effective(text, &[]), "graphql-upstream").clone();
    assert_eq!(table["audience"], "tasks");
    assert_eq!(table["max-merge"], "1MiB");
    for text in [
        "require = \"none\"",
        "max-merge = 1048576",
        "type-prefix = \"\"",
        "type-prefix = \"_g\"",
    ] {
        let text = format!("[graphql-upstream]\nurl = \"http://127.0.0.1:9000/\"\n{text}");
        effective(&text, &[]);
    }
    // Without any of it, there is no service.
    assert_eq!(*value(&effective("", &[]), "upstream"), json!(null));
}

#[test]
fn the_address_of_the_environment_wins_and_the_other_keys_of_the_table_hold() {
    let environment = [(VARIABLE, "http://other:9000/graphql")];
    let text = "[graphql-upstream]\nurl = \"http://tasks:9000/graphql\"\naudience = \"tasks\"";
    let all = effective(text, &environment);
    assert_eq!(*value(&all, "upstream"), environment[0].1);
    assert_eq!(value(&all, "graphql-upstream")["audience"], "tasks");
    let without_url = "[graphql-upstream]\naudience = \"tasks\"";
    effective(without_url, &environment);
    assert_refused(
        without_url,
        &[
            "gatelodge.toml, [graphql-upstream]",
            "`url` is missing",
            VARIABLE,
        ],
    );
}

#[test]
fn a_wrong_key_or_value_is_refused_with_its_line_and_a_fix() {
    for (line, words) in [
        ("timeuot = \"1s\"", "Did you mean `timeout`"),
        ("socket-timeout = \"1s\"", "Its keys are url"),
        ("listen = \"127.0.0.1:1\"", "above the first table"),
        ("audience = \"two words\"", "`audience` must have 1 to 100"),
        ("require = \"editor\"", "role:NAME"),
        ("require = []", "\"none\" alone"),
        ("require = [\"none\", \"role:editor\"]", "\"none\" alone"),
        ("schema = \"\"", "`schema` is empty"),
        ("type-prefix = \"9\"", "`type-prefix` must be the beginning"),
        ("type-prefix = \"__Gate\"", "`type-prefix` must be"),
        ("type-prefix = \"Gate-\"", "`type-prefix` must be"),
        (
            "connect-timeout = \"0s\"",
            "`connect-timeout` must be between 1s",
        ),
        (
            "first-byte-timeout = 10",
            "`first-byte-timeout` invalid type",
        ),
        (
            "silence-timeout = \"soon\"",
            "`silence-timeout` is not a duration",
        ),
        (
            "pool-idle-timeout = \"0s\"",
            "`pool-idle-timeout` must be between 1s",
        ),
        ("timeout = \"401d\"", "`timeout` must be between 1s"),
        ("max-merge = 0", "`max-merge` must be 1 or more"),
        ("max-merge = \"8MB\"", "`max-merge` is not a size"),
        ("max-merge = true", "`max-merge` is not a size"),
        ("max-depth = 0", "`max-depth` must be 1 or more"),
        ("max-complexity = -1", "`max-complexity` invalid value"),
        (
            "forward-extensions = \"a\"",
            "`forward-extensions` invalid type",
        ),
        (
            "forward-extensions = [\"\"]",
            "`forward-extensions` has an empty name",
        ),
        ("forward-extensions = [\"headers\"]", "never forwarded"),
        (
            "forward-extensions = [\"persistedQuery\"]",
            "never forwarded",
        ),
    ] {
        let text = format!("[graphql-upstream]\nurl = \"http://tasks:9000/graphql\"\n{line}");
        assert_refused(
            &text,
            &["gatelodge.toml, line 3", "[graphql-upstream]", words],
        );
    }
    for url in [
        "tasks",
        "ftp://tasks/",
        "http://me:hunter2@tasks/",
        "http://tasks/#x",
    ] {
        let text = format!("[graphql-upstream]\nurl = \"{url}\"");
        assert_refused(
            &text,
            &["line 2", "`url`", "Write it like http://tasks:9000/graphql"],
        );
        assert!(!run(&text, &[], &[]).error.contains("hunter2"));
    }
    assert_refused(
        "[[graphql-upstream]]\nurl = \"http://tasks/\"",
        &["line 1", "Begin it with [graphql-upstream]"],
    );
}

#[test]
fn all_wrong_keys_of_the_table_are_reported_at_once() {
    let text = "[graphql-upstream]\nurl = \"tasks\"\ntimeout = \"0s\"\nmax-depth = 0\nunknown = 1\nrequire = []";
    let environment = [("GATELODGE_LISTEN", "nowhere")];
    let output = run(text, &environment, &[]);
    assert_eq!(output.status, 2);
    for words in ["line 2", "line 3", "line 4", "line 5", "line 6", "nowhere"] {
        assert_eq!(
            output.error.matches(words).count(),
            1,
            "{words}: {}",
            output.error
        );
    }
    // The table is there, so no address is missing.
    assert!(!output.error.contains("is missing"), "{}", output.error);
}
