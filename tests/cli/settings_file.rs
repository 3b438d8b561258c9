//! The settings file: its keys, its order among the sources, and its errors.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use serde_json::Value;
use tempfile::TempDir;

use super::settings_file_errors::assert_refused;
use crate::harness::{CommandOutput, Program, gatelodge};

const FILE: &str = "gatelodge.toml";

/// Returns the command in a folder with this settings file.
fn with_file(directory: &TempDir, text: &str) -> Command {
    fs::write(directory.path().join(FILE), text).unwrap();
    let mut command = gatelodge(directory);
    command
        .env_remove("GATELODGE_ADMIN_LISTEN")
        .env("GATELODGE_CONFIG", FILE);
    command
}

/// Runs the program with a settings file.
pub fn run(text: &str, environment: &[(&str, &str)], arguments: &[&str]) -> CommandOutput {
    let directory = tempfile::tempdir().unwrap();
    let mut command = with_file(&directory, text);
    command.envs(environment.iter().copied()).args(arguments);
    command.output().unwrap().into()
}

/// Returns the value and the source of a setting.
fn effective(
    text: &str,
    environment: &[(&str, &str)],
    flags: &[&str],
    key: &str,
) -> (Value, String) {
    let output = run(text, environment, &[&["config", "--json"], flags].concat());
    assert_eq!(output.status, 0, "{}", output.error);
    let all: Vec<Value> = serde_json::from_str(&output.out).unwrap();
    let one = all.iter().find(|one| one["key"] == key).unwrap();
    (
        one["value"].clone(),
        one["source"].as_str().unwrap().to_owned(),
    )
}

#[test]
fn a_flag_wins_over_the_environment_and_the_environment_over_the_file() {
    let file = "session-idle = \"3d\"";
    let environment = [("GATELODGE_SESSION_IDLE", "4d")];
    let flags = ["--session-idle", "5d"];
    for (environment, flags, value, source) in [
        (&environment[..], &flags[..], "5d", "flag"),
        (&environment, &[], "4d", "environment"),
        (&[], &flags, "5d", "flag"),
        (&[], &[], "3d", "file"),
    ] {
        let found = effective(file, environment, flags, "session-idle");
        assert_eq!(found, (value.into(), source.to_owned()));
    }
    let default = effective("", &[], &[], "session-idle");
    assert_eq!(default, ("7d".into(), "default".to_owned()));
}

#[test]
fn a_secret_of_a_later_source_wins_over_the_file_of_an_earlier_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("url");
    fs::write(&path, "sqlite://of-file.db").unwrap();
    let path = path.to_str().unwrap();
    let of_file = format!("database-url-file = {path:?}");
    let value = ("DATABASE_URL", "sqlite://of-value.db");
    let both = [value, ("DATABASE_URL_FILE", path)];
    let of_value = "database-url = \"sqlite://of-value.db\"";
    let flag = ["--database-url", "sqlite://of-flag.db"];
    for (file, environment, flags, url, source) in [
        (
            of_file.as_str(),
            &[value][..],
            &[][..],
            "of-value",
            "environment",
        ),
        (of_value, &both[1..], &[], "of-file", "environment"),
        (of_file.as_str(), &[], &[], "of-file", "file"),
        ("", &both[1..], &flag, "of-flag", "flag"),
        // Of one source, the file wins.
        ("", &both, &[], "of-file", "environment"),
    ] {
        let found = effective(file, environment, flags, "database-url");
        let url = format!("sqlite://{url}.db");
        assert_eq!(
            found,
            (url.into(), source.to_owned()),
            "{file} {environment:?}"
        );
    }
}

#[test]
fn values_are_numbers_booleans_arrays_or_text_as_on_the_command_line() {
    for (line, key, value) in [
        ("limit-depth = 20", "limit-depth", 20.into()),
        ("limit-depth = \"20\"", "limit-depth", 20.into()),
        ("limit-body = 0x1_0000", "limit-body", 65536.into()),
        ("document-cache = \"1MiB\"", "document-cache", "1MiB".into()),
        ("document-cache = 0", "document-cache", 0.into()),
        ("no-migrate = true", "no-migrate", true.into()),
        ("no-migrate = \"yes\"", "no-migrate", true.into()),
        ("graphiql = false", "graphiql", false.into()),
        (
            "trusted-proxies = [\"10.0.0.1\", \"10.1.0.0/16\"]",
            "trusted-proxies",
            serde_json::json!(["10.0.0.1", "10.1.0.0/16"]),
        ),
        (
            "trusted-proxies = \"10.0.0.1,10.1.0.0/16\"",
            "trusted-proxies",
            serde_json::json!(["10.0.0.1", "10.1.0.0/16"]),
        ),
        (
            "token-algorithm = \"eddsa\"",
            "token-algorithm",
            "EdDSA".into(),
        ),
        // Without the key, the origins would be Vite's.
        (
            "allowed-origins = []",
            "allowed-origins",
            serde_json::json!([]),
        ),
    ] {
        let found = effective(line, &[], &[], key);
        assert_eq!(found, (value, "file".to_owned()), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_and_the_user_commands_read_the_file() {
    let command = |directory: &TempDir| {
        let text = "database-url = \"sqlite://of-file.db?mode=rwc\"\nregistration = \"closed\"\nadmin-listen = \"off\"";
        with_file(directory, text)
    };
    let program = Program::start_command(command, &[]);
    let (_, reply) = program
        .ask(None, "{ authSettings { registrationOpen } }", Value::Null)
        .await;
    assert_eq!(
        reply["data"]["authSettings"]["registrationOpen"], false,
        "{reply:#}"
    );
    let of = |arguments: &[&str]| -> CommandOutput {
        let mut command = gatelodge(&program.directory);
        command.env("GATELODGE_CONFIG", FILE).args(arguments);
        command.output().unwrap().into()
    };
    for arguments in [&["user", "list"][..], &["migrate", "status"]] {
        let output = of(arguments);
        assert_eq!(output.status, 0, "{arguments:?}: {}", output.error);
    }
    assert!(program.directory.path().join("of-file.db").exists());
    // The schema needs no settings.
    fs::write(program.directory.path().join(FILE), "no-such-key = 1").unwrap();
    assert_eq!(of(&["schema"]).status, 0);
    for arguments in [
        &["user", "list"][..],
        &["migrate", "status"],
        &["healthcheck"],
    ] {
        assert_eq!(of(arguments).status, 2, "{arguments:?}");
    }
}

#[test]
fn policies_of_forward_auth_are_tables_and_their_errors_name_the_line() {
    let good = "listen = \"127.0.0.1:8000\"\n\n[[forward-auth]]\npath = \"/forward-auth-admins\"\nrequire = \"role:admin\"\n\
                preflight = \"pass\"\nmethod = \"request\"\n\n[[forward-auth]]\npath = \"/forward-auth-all\"\noptional = true\n";
    let (value, source) = effective(good, &[], &[], "forward-auth");
    assert_eq!(source, "file");
    assert_eq!(value[0]["require"], "role:admin");
    assert_eq!(value[1]["optional"], true);
    for (text, words) in [
        (
            "[forward-auth]\npath = \"/forward-auth-a\"",
            &["line 1", "[[forward-auth]]"][..],
        ),
        ("forward-auth = \"x\"", &["line 1", "[[forward-auth]]"]),
        (
            "[[forward-auth]]\npth = \"/forward-auth-a\"",
            &["line 2", "Did you mean `path`"],
        ),
        (
            "[[forward-auth]]\npath = \"/forward-auth-a\"\nlisten = \"x\"",
            &["line 3", "above the first table"],
        ),
        ("[[forward-auth]]\noptional = true", &["line 1", "path"]),
        ("\n[[forward-auth]]\npath = 3", &["line 3", "forward-auth"]),
    ] {
        assert_refused(text, words);
    }
}

#[test]
fn a_file_with_secrets_that_others_can_read_is_a_warning() {
    let warning = |mode: u32, text: &str| {
        let directory = tempfile::tempdir().unwrap();
        let mut command = with_file(&directory, text);
        let path = directory.path().join(FILE);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        let output = CommandOutput::from(command.args(["config", "--check"]).output().unwrap());
        assert_eq!((output.status, output.out.trim()), (0, "ok"));
        output.error.contains("chmod 600")
    };
    let secret = "secret = \"a secret of thirty-two bytes or more\"";
    assert!(warning(0o644, secret) && warning(0o640, secret) && !warning(0o600, secret));
    assert!(warning(0o644, "database-url = \"mysql://u:p@h/d\""));
    assert!(!warning(0o644, "database-url = \"mysql://u@h/d\""));
    assert!(!warning(0o644, "listen = \"127.0.0.1:8000\""));
}
