//! `gatelodge config`: prints the settings and where each value comes from, or checks them.

mod effective;
pub mod reference;

use clap::Args;
use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use serde_json::Value;

use self::effective::Effective;
use super::{CliError, print, serve, setting_sources::SettingSources};
use crate::{app, config::Config};

/// The arguments of `gatelodge config`.
#[derive(Args, Debug)]
pub struct ConfigArguments {
    /// Print a JSON array with key, value and source of each setting
    #[arg(long)]
    json: bool,

    /// Only check the settings, as the server does at start, without the database and the network
    #[arg(long)]
    check: bool,

    /// Print docs/settings.md
    #[arg(long, hide = true)]
    reference: bool,

    /// The settings of the server.
    #[command(flatten)]
    pub config: Box<Config>,
}

/// Prints or checks the settings.
pub fn run(arguments: ConfigArguments, sources: &SettingSources) -> Result<(), CliError> {
    if arguments.reference {
        print::line(reference::page().trim_end());
        return Ok(());
    }
    let config = (*arguments.config).resolve()?;
    if arguments.check {
        check(&config)?;
    }
    for name in SettingSources::without_effect() {
        print::warning(&format!("{name} looks like a setting, but has no effect"));
    }
    if let Some(warning) = sources.exposed_secrets() {
        print::warning(&warning);
    }
    if arguments.check {
        print::line("ok");
        return Ok(());
    }
    let all = effective::all(sources, &config);
    if arguments.json {
        print_json(&all)
    } else {
        print_table(&all);
        Ok(())
    }
}

/// Refuses what the server would refuse, except for the database and the listeners.
fn check(config: &Config) -> Result<(), CliError> {
    let errors = app::check_files(config).into_iter().map(serve::build_error);
    let mut settings = vec![];
    for error in errors {
        match error {
            CliError::Settings(errors) => settings.extend(errors),
            error @ CliError::Other(_) => return Err(error),
        }
    }
    if settings.is_empty() {
        Ok(())
    } else {
        Err(settings.into())
    }
}

fn print_json(all: &[Effective]) -> Result<(), CliError> {
    let text = serde_json::to_string_pretty(all).map_err(super::other)?;
    print::line(&text);
    Ok(())
}

fn print_table(all: &[Effective]) {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["setting", "value", "source"]);
    for one in all {
        table.add_row([one.key.as_str(), &text(&one.value), one.source.as_str()]);
    }
    for line in table.lines() {
        print::line(line.trim_end());
    }
}

/// Returns a value as text for humans: a list without brackets, and a dash for no value.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => "-".to_owned(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        value => value.to_string(),
    }
}
