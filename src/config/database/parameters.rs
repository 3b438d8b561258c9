//! The parameters of database URLs. The drivers ignore unknown parameters, so a misspelt `sslmode` would turn TLS off.

use url::form_urlencoded;

use super::DatabaseKind;

/// A parameter's names, and its valid values. An empty list of values allows any value.
type Parameter = (&'static [&'static str], &'static [&'static str]);

/// Parameters that other drivers know.
const OF_OTHER_DRIVERS: &[&str] = &[
    "connect_timeout",
    "channel_binding",
    "keepalives",
    "passfile",
    "service",
    "sslcrl",
    "sslpassword",
    "useSSL",
    "requireSSL",
    "verifyServerCertificate",
    "allowPublicKeyRetrieval",
];
/// The maximum edit distance of an unknown parameter that is shown.
const MAX_SLIPS: usize = 2;

const POSTGRES: &[Parameter] = &[
    (
        &["sslmode", "ssl-mode"],
        &[
            "disable",
            "allow",
            "prefer",
            "require",
            "verify-ca",
            "verify-full",
        ],
    ),
    (&["sslrootcert", "ssl-root-cert", "ssl-ca"], &[]),
    (&["sslcert", "ssl-cert"], &[]),
    (&["sslkey", "ssl-key"], &[]),
    (&["host"], &[]),
    (&["hostaddr"], &[]),
    (&["port"], &[]),
    (&["dbname"], &[]),
    (&["user"], &[]),
    (&["password"], &[]),
    (&["application_name"], &[]),
    (&["options"], &[]),
    (&["statement-cache-capacity"], &[]),
    // Gatelodge always looks for a writable server. libpq's parameter for this is accepted.
    (&["target_session_attrs"], &["read-write", "primary"]),
    (&["pgbouncer"], &["true", "false"]),
];

const MYSQL: &[Parameter] = &[
    (
        &["ssl-mode", "sslmode"],
        &[
            "disabled",
            "preferred",
            "required",
            "verify_ca",
            "verify_identity",
        ],
    ),
    (&["ssl-ca", "sslca"], &[]),
    (&["ssl-cert", "sslcert"], &[]),
    (&["ssl-key", "sslkey"], &[]),
    (&["socket"], &[]),
    (&["charset"], &[]),
    (&["collation"], &[]),
    (&["timezone", "time-zone"], &[]),
    (&["statement-cache-capacity"], &[]),
];

const SQLITE: &[Parameter] = &[
    (&["mode"], &["ro", "rw", "rwc"]),
    (&["cache"], &["private", "shared"]),
    (&["immutable"], &["true", "false", "1", "0"]),
    (&["vfs"], &[]),
];

/// Checks that every parameter of a URL's query is known and has a value that the driver accepts.
pub(crate) fn check(kind: DatabaseKind, query: &str) -> Result<(), String> {
    let known = match kind {
        DatabaseKind::Postgres => POSTGRES,
        DatabaseKind::MySql => MYSQL,
        DatabaseKind::Sqlite => SQLITE,
    };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        // A parameter without a value may be part of a password with an `&` in it, so the error does not repeat it.
        if !pair.contains('=') {
            return Err(
                "has a parameter without a value. Write NAME=VALUE, and %26 for an & in the password"
                    .to_owned(),
            );
        }
        for (name, value) in form_urlencoded::parse(pair.as_bytes()) {
            check_one(kind, known, &name, &value)?;
        }
    }
    Ok(())
}

fn check_one(
    kind: DatabaseKind,
    known: &[Parameter],
    name: &str,
    value: &str,
) -> Result<(), String> {
    if kind == DatabaseKind::Postgres && name.starts_with("options[") && name.ends_with(']') {
        return Ok(());
    }
    let found = known.iter().find(|(names, _)| names.contains(&name));
    let Some((_, values)) = found else {
        let names: Vec<_> = known.iter().map(|(names, _)| names[0]).collect();
        let names = names.join(", ");
        return Err(if may_be_shown(name) {
            format!("has an unknown parameter `{name}`. The known parameters are {names}")
        } else {
            format!("has an unknown parameter. The known parameters are {names}")
        });
    };
    // SQLite's driver is case-sensitive; the other drivers are not.
    let normalized = if kind == DatabaseKind::Sqlite {
        value.to_owned()
    } else {
        value.to_ascii_lowercase()
    };
    if !values.is_empty() && !values.contains(&normalized.as_str()) {
        return Err(format!("`{name}` must be one of {}", values.join(", ")));
    }
    if name == "statement-cache-capacity" && value.parse::<usize>().is_err() {
        return Err(format!("`{name}` must be a number"));
    }
    Ok(())
}

/// Returns whether an unknown name is almost a known one. Any other text can be a part of a password: in a URL, a password
/// ends at its first `?`.
fn may_be_shown(name: &str) -> bool {
    if name
        .bytes()
        .any(|byte| !byte.is_ascii_alphabetic() && !matches!(byte, b'-' | b'_'))
    {
        return false;
    }
    let normal = name.to_ascii_lowercase().replace('_', "-");
    let all = [POSTGRES, MYSQL, SQLITE].into_iter().flatten();
    let names = all.flat_map(|(names, _)| names.iter());
    names
        .chain(OF_OTHER_DRIVERS)
        .any(|known| strsim::osa_distance(&normal, &known.replace('_', "-")) <= MAX_SLIPS)
}
