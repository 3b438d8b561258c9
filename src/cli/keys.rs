//! `gatelodge keys`: lists and rotates the keys that sign identity tokens. The gateway may be running.

use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    CliError, database, other, print, runtime,
    settings::Settings,
    user::print_user::{table, timestamp},
};
use crate::{
    config::ConfigError,
    domain::{clock::SystemClock, clock::Timestamp, entropy::OsEntropy},
    identity::{Keys, keys::KeysError, schedule},
    store::SigningKeyRow,
    telemetry::log,
};

/// The commands on signing keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List the signing keys
    List(List),
    /// Add a key that signs in 20 minutes, when verifiers have read it
    Rotate(Rotate),
}

/// The arguments of `gatelodge keys list`.
#[derive(Args, Debug)]
pub struct List {
    /// Print one JSON object per line, for programs
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Box<Settings>,
}

/// The arguments of `gatelodge keys rotate`.
#[derive(Args, Debug)]
pub struct Rotate {
    /// Replace all keys by one that signs at once, for example because a key was stolen. Services that cache the key set
    /// may refuse users until they read it again
    #[arg(long)]
    now: bool,

    #[command(flatten)]
    settings: Box<Settings>,
}

/// Runs a command.
pub fn run(command: KeysCommand) -> Result<(), CliError> {
    match command {
        KeysCommand::List(list) => with_keys(*list.settings, false, async |keys| {
            let (rows, now) = keys.list().await.map_err(other)?;
            print_rows(&rows, keys.algorithm(), now, list.json);
            Ok(())
        }),
        KeysCommand::Rotate(rotate) if rotate.now => {
            with_keys(*rotate.settings, true, async |keys| {
                check_settings(keys, true).await?;
                let row = keys.replace().await.map_err(other)?;
                print::line(&format!(
                    "all signing keys were replaced by {}, which nodes sign with within 10 s",
                    row.kid
                ));
                Ok(())
            })
        }
        KeysCommand::Rotate(rotate) => with_keys(*rotate.settings, true, async |keys| {
            check_settings(keys, false).await?;
            let row = keys.rotate().await.map_err(other)?;
            print::line(&format!(
                "{} signs from {} on",
                row.kid,
                timestamp(row.signs_from)
            ));
            Ok(())
        }),
    }
}

/// Checks that the gateway's nodes can use a key that this command makes: with other secrets or another algorithm they
/// could not. An emergency key may have another secret, because the old one may be lost.
async fn check_settings(keys: &Keys, is_emergency: bool) -> Result<(), CliError> {
    let (rows, now) = keys.read().await.map_err(other)?;
    let mut algorithms = rows.iter().filter(|row| row.signs_from <= now);
    let newest = algorithms.next_back().map(|row| row.algorithm.as_str());
    if let Some(algorithm) = newest.filter(|algorithm| *algorithm != keys.algorithm()) {
        return Err(ConfigError {
            setting: "GATELODGE_TOKEN_ALGORITHM",
            problem: format!(
                "the gateway's newest key is for {algorithm}, and this command's setting is {}. Use the gateway's settings",
                keys.algorithm()
            ),
        }
        .into());
    }
    match keys.check() {
        Err(error @ KeysError::Sealed { .. }) if is_emergency => {
            print::warning(&format!(
                "{error}. The new key is encrypted with this command's secret: nodes with another secret cannot use it"
            ));
            Ok(())
        }
        Err(KeysError::Damaged { .. }) if is_emergency => Ok(()),
        result => result.map_err(other),
    }
}

/// Opens the database and runs work on its signing keys.
fn with_keys(
    settings: Settings,
    needs_secret: bool,
    work: impl AsyncFnOnce(&Keys) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let config = settings.resolve()?;
    log::start(&config.log)?;
    runtime()?.block_on(async {
        let store = database::ready(&config.database).await?;
        let secret = database::secret(&config, &store, needs_secret).await?;
        let keys = Keys::new(
            store.clone(),
            secret,
            Arc::new(SystemClock),
            Arc::new(OsEntropy),
            config.token,
        );
        let result = work(&keys).await;
        store.close().await;
        result
    })
}

fn print_rows(rows: &[SigningKeyRow], algorithm: &str, now: Timestamp, as_json: bool) {
    let current = schedule::current(rows, algorithm, now).map(|row| row.number);
    let state = |row: &SigningKeyRow| {
        if row.signs_from > now {
            "waits"
        } else if Some(row.number) == current {
            "signs"
        } else {
            "verifies"
        }
    };
    if as_json {
        for row in rows {
            print::line(&json_of(row, state(row)).to_string());
        }
        return;
    }
    let mut table = table();
    table.set_header(["kid", "algorithm", "state", "signs from", "encrypted with"]);
    table.add_rows(rows.iter().map(|row| {
        [
            row.kid.clone(),
            row.algorithm.clone(),
            state(row).to_owned(),
            timestamp(row.signs_from),
            row.sealed_with.clone(),
        ]
    }));
    print::line(&table.trim_fmt());
}

fn json_of(row: &SigningKeyRow, state: &str) -> Value {
    json!({
        "kid": row.kid,
        "algorithm": row.algorithm,
        "state": state,
        "createdAt": row.created_at.to_rfc3339(),
        "signsFrom": row.signs_from.to_rfc3339(),
        "encryptedWith": row.sealed_with,
    })
}
