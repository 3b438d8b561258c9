//! No output and no error shows a secret, whatever its source.

use serde_json::{Value, json};

use super::config::{run, value};

/// A value with `hunter2` for each setting that may hold a secret.
const SECRETS: [(&str, &str); 4] = [
    (
        "DATABASE_URL",
        "postgres://gate:hunter2-0@h/d?sslmode=require",
    ),
    (
        "GATELODGE_DATABASE_LISTEN_URL",
        "postgres://gate:hunter2-1@h/d",
    ),
    ("GATELODGE_SECRET", "hunter2-2-secret-of-32-bytes-or-more"),
    (
        "GATELODGE_PEPPERS",
        "a:hunter2-3-pepper-of-32-bytes-or-more,b:hunter2-4-pepper-of-32-bytes-or-more",
    ),
];

/// Returns the key of a variable.
fn key(variable: &str) -> String {
    let name = variable.trim_start_matches("GATELODGE_");
    name.to_ascii_lowercase().replace('_', "-")
}

#[test]
fn every_secret_has_a_form_that_names_a_file() {
    let help = run(&[], &[], &["--help"]).out;
    let secrets = run(&[], &SECRETS, &["config", "--json"]).out;
    let secrets: Vec<Value> = serde_json::from_str(&secrets).unwrap();
    let hidden = secrets
        .iter()
        .filter(|one| one["value"].to_string().contains("[redacted]"));
    let hidden: Vec<_> = hidden.map(|one| one["key"].as_str().unwrap()).collect();
    assert!(hidden.len() >= 4, "{hidden:?}");
    for key in hidden {
        assert!(help.contains(&format!("--{key}-file ")), "{key}");
    }
}

#[test]
fn a_secret_is_never_shown_whatever_its_source() {
    let files: Vec<_> = SECRETS
        .iter()
        .map(|(name, value)| (key(name), *value))
        .collect();
    let files: Vec<_> = files
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect();
    let of_files: Vec<_> = SECRETS
        .iter()
        .map(|(name, _)| (format!("{name}_FILE"), key(name)))
        .collect();
    let of_files: Vec<_> = of_files
        .iter()
        .map(|(name, file)| (name.as_str(), file.as_str()))
        .collect();
    let flags: Vec<_> = SECRETS
        .iter()
        .flat_map(|(name, value)| [format!("--{}", key(name)), (*value).to_owned()])
        .collect();
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    let lines: Vec<_> = SECRETS
        .iter()
        .map(|(name, value)| format!("{} = {value:?}\n", key(name)))
        .collect();
    let toml = lines.concat();
    let toml = [("s.toml", toml.as_str())];
    let named = [("GATELODGE_CONFIG", "s.toml")];
    for (files, environment, flags, source) in [
        (&files[..], &of_files[..], &[][..], "environment"),
        (&[], &SECRETS, &[], "environment"),
        (&[], &[], &flags, "flag"),
        (&toml, &named, &[], "file"),
    ] {
        for form in [
            &["config", "--json"][..],
            &["config"],
            &["config", "--check"],
        ] {
            let output = run(files, environment, &[form, flags].concat());
            assert_eq!(output.status, 0, "{}", output.error);
            let text = [output.out.clone(), output.error].concat();
            assert!(!text.contains("hunter2"), "{text}");
            if form.len() == 2 && form[1] == "--json" {
                let all: Vec<Value> = serde_json::from_str(&output.out).unwrap();
                assert_eq!(*value(&all, "secret"), json!("[redacted]"));
                assert_eq!(*value(&all, "peppers"), json!("[redacted]"));
                let url = "postgres://gate:[redacted]@h/d?sslmode=require";
                assert_eq!(*value(&all, "database-url"), json!(url));
                let secrets = all
                    .iter()
                    .filter(|one| SECRETS.iter().any(|(name, _)| one["key"] == key(name)));
                for secret in secrets {
                    assert_eq!(secret["source"], source, "{secret}");
                }
            }
        }
    }
}

#[test]
fn no_error_shows_a_secret() {
    let long = "hunter2".repeat(10);
    for toml in [
        // Not valid TOML.
        "secret = hunter2",
        "secret = \"hunter2",
        "secret \"hunter2\"",
        "secret = \"hunter2\" hunter2",
        "secret = \"hunter2\nhunter2\"",
        "\"secret\" = 'hunter2''",
        "secret = \"\\q hunter2\"",
        "secret = [\"hunter2\", hunter2]",
        "secret = { hunter2 }",
        // Keys and types.
        "secret = \"hunter2\"\nsecret = \"hunter2\"",
        "secrett = \"hunter2\"",
        "secret = [\"hunter2\"]",
        "secret = { a = \"hunter2\" }",
        "peppers = [1, \"hunter2\"]",
        "[secret]\nvalue = \"hunter2\"",
        "[[forward-auth]]\nsecret = \"hunter2\"",
        // Values.
        "secret = \"hunter2\"",
        "peppers = [\"hunter2\"]",
        "peppers = \"hunter2\"",
        "database-url = \"hunter2\"",
        "database-url = \"postgres://u:hunter2@\"",
        "database-url = \"postgres://u:hun?ter2=hunter2@h/d\"",
        "database-listen-url = \"postgres://u:hunter2@h/d\"",
        "breached-passwords-url = \"https://u:hunter2@h/range\"",
    ] {
        let output = run(&[("s.toml", toml)], &[], &["--config", "s.toml"]);
        assert_eq!(output.status, 2, "{toml}: {}", output.error);
        assert!(
            !output.error.contains("hunter2") && !output.out.contains("hunter2"),
            "{toml}: {}",
            output.error
        );
        assert!(output.error.contains("s.toml"), "{toml}: {}", output.error);
    }
    for (name, value) in [
        ("GATELODGE_SECRET", "hunter2"),
        ("GATELODGE_PEPPERS", "hunter2"),
        ("DATABASE_URL", "hunter2"),
        ("GATELODGE_DATABASE_LISTEN_URL", "postgres://u:hunter2@h/d"),
        (
            "GATELODGE_BREACHED_PASSWORDS_URL",
            "https://u:hunter2@h/range",
        ),
    ] {
        let flag = format!("--{}", key(name));
        let name_file = format!("{name}_FILE");
        let mut outputs = vec![
            run(&[], &[(name, value)], &["config"]),
            run(&[], &[], &["config", &flag, value]),
        ];
        if !name.contains("BREACHED") {
            outputs.push(run(
                &[("f", value)],
                &[(name_file.as_str(), "f")],
                &["config"],
            ));
        }
        for output in outputs {
            assert_eq!(output.status, 2, "{name}: {}", output.error);
            assert!(
                !output.error.contains("hunter2"),
                "{name}: {}",
                output.error
            );
        }
    }
    for flag in [format!("--secrett={long}"), format!("--secret-={long}")] {
        let output = run(&[], &[], &[&flag]);
        assert_eq!(output.status, 2);
        assert!(!output.error.contains("hunter2"), "{}", output.error);
    }
}
