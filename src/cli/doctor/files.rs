//! Files that hold secrets or users' data: only the owner may read them.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::finding::Finding;
use crate::{
    cli::setting_sources::SettingSources,
    config::{Config, file::SettingsFile},
};

const CHECK: &str = "files";

/// The bits of a file's mode by which others than its owner can read it.
const READABLE_BY_OTHERS: u32 = 0o044;
/// The bits by which others can write.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// Checks the modes of all files that hold secrets.
pub fn check(config: &Config, sources: &SettingSources) -> Vec<Finding> {
    let mut files = vec![];
    for setting in sources.settings.iter().filter(|setting| setting.is_secret) {
        let path = sources.values(&setting.file_key()).and_then(<[_]>::first);
        files.extend(path.map(PathBuf::from));
    }
    if let Some(database) = config.database.url.sqlite_file() {
        files.push(database.with_extension("secret"));
        files.push(database);
    }
    let mut findings: Vec<_> = files.iter().filter_map(|file| secret_file(file)).collect();
    if let Some(warning) = sources.exposed_secrets() {
        findings.push(Finding::warning(
            CHECK,
            warning,
            "Then start Gatelodge again",
        ));
    }
    if let Some(path) = sources.file.as_ref().map(SettingsFile::path) {
        findings.extend(settings_file(path));
    }
    findings
}

/// Checks a file that holds a secret or the users' data, if it exists.
fn secret_file(path: &Path) -> Option<Finding> {
    let mode = fs::metadata(path).ok()?.permissions().mode();
    let shown = path.display();
    Some(if mode & (READABLE_BY_OTHERS | WRITABLE_BY_OTHERS) == 0 {
        Finding::ok(CHECK, format!("only its owner can read {shown}"))
    } else {
        Finding::warning(
            CHECK,
            format!(
                "other users of this machine can read or change {shown} (mode {:o})",
                mode & 0o777
            ),
            format!("Run chmod 600 {shown}"),
        )
    })
}

/// Checks that nobody else can change the settings.
fn settings_file(path: &Path) -> Option<Finding> {
    let mode = fs::metadata(path).ok()?.permissions().mode();
    (mode & WRITABLE_BY_OTHERS != 0).then(|| {
        let path = path.display();
        Finding::problem(
            CHECK,
            format!(
                "other users of this machine can change {path} (mode {:o})",
                mode & 0o777
            ),
            format!("Run chmod 600 {path}"),
        )
    })
}
