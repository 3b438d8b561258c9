//! `gatelodge doctor`: checks a deployment, and says what to change. One check a file.

mod browsers;
mod database;
mod files;
mod finding;
mod forward_auth;
mod site;

use clap::Args;
use serde_json::json;

use self::finding::{Finding, Level};
use super::{CliError, other, print, runtime, serve, setting_sources::SettingSources};
use crate::{
    app,
    config::{Config, values::origin::Origin},
    telemetry::log,
};

/// The arguments of `gatelodge doctor`.
#[derive(Args, Debug)]
pub struct DoctorArguments {
    /// Origin of a frontend to check, like `https://app.example.com`. May be repeated [default: the allowed origins]
    #[arg(long, value_name = "ORIGIN")]
    frontend: Vec<Origin>,

    /// Print a JSON array with level, check, message and fix of each finding
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    proxy: forward_auth::ForwardAuthArguments,

    /// The settings of the server.
    #[command(flatten)]
    pub config: Box<Config>,
}

/// Runs all checks. Fails if one of them finds a problem.
pub fn run(arguments: DoctorArguments, sources: &SettingSources) -> Result<(), CliError> {
    let config = (*arguments.config).resolve()?;
    // Findings say the same, in words for the operator.
    let log = crate::config::log::LogConfig {
        filter: "off".to_owned(),
        ..config.log.clone()
    };
    log::start(&log)?;
    let mut findings = vec![settings(&config)];
    findings.extend(browsers::check(&config, &arguments.frontend));
    findings.extend(files::check(&config, sources));
    runtime()?.block_on(async {
        findings.extend(database::check(&config).await);
        if let Some(url) = &arguments.proxy.forward_auth {
            let check = forward_auth::check(url, &arguments.proxy, &config);
            findings.extend(check.await?);
        }
        Ok::<(), CliError>(())
    })?;
    for name in SettingSources::without_effect() {
        let message = format!("{name} looks like a setting, but has no effect");
        findings.push(Finding::warning(
            "settings",
            message,
            "Correct or remove it",
        ));
    }
    print_all(&findings, arguments.json)
}

/// Checks the files that the settings name. The settings themselves were checked before.
fn settings(config: &Config) -> Finding {
    let errors: Vec<_> = app::check_files(config)
        .into_iter()
        .map(|error| match serve::build_error(error) {
            CliError::Settings(errors) => errors.iter().map(ToString::to_string).collect(),
            CliError::Other(error) => error,
        })
        .collect();
    if errors.is_empty() {
        Finding::ok("settings", "all settings are valid")
    } else {
        Finding::problem("settings", errors.join("; "), "Correct the setting")
    }
}

fn print_all(findings: &[Finding], as_json: bool) -> Result<(), CliError> {
    if as_json {
        let text = serde_json::to_string_pretty(&json!(findings)).map_err(other)?;
        print::line(&text);
    } else {
        for finding in findings {
            print::line(&finding.to_string());
        }
    }
    match findings
        .iter()
        .filter(|finding| finding.level == Level::Problem)
        .count()
    {
        0 => Ok(()),
        1 => Err(other("1 problem was found")),
        count => Err(other(format!("{count} problems were found"))),
    }
}
