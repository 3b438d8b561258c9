//! `gatelodge user export`: exports all users in a format that import reads.

use std::{
    fs::OpenOptions,
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

use crate::{
    cli::{CliError, database::ready, other, print, runtime},
    config::{database::DatabaseConfig, log::LogConfig},
    telemetry::log,
    transfer::{Exported, export},
};

/// The arguments of `gatelodge user export`.
#[derive(Args, Debug)]
pub struct ExportArguments {
    /// The output format
    #[arg(long, value_enum)]
    format: ExportFormat,

    /// The output file, which must not exist yet [default: standard output]
    #[arg(long)]
    output: Option<PathBuf>,

    #[command(flatten)]
    database: DatabaseConfig,

    #[command(flatten)]
    log: LogConfig,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ExportFormat {
    /// One JSON object per line
    Jsonl,
    /// CSV with a header
    Csv,
}

/// Exports all users.
pub fn run(mut arguments: ExportArguments) -> Result<(), CliError> {
    arguments.database.resolve()?;
    arguments.database.must_exist();
    log::start(&arguments.log)?;
    runtime()?.block_on(async {
        let store = ready(&arguments.database).await?;
        // Create the file only now: a file left by an earlier failure would stop the next run.
        let output: Box<dyn Write> = match &arguments.output {
            Some(path) => Box::new(
                create_private(path)
                    .map_err(|error| other(format!("{}: {error}", path.display())))?,
            ),
            None => Box::new(io::stdout()),
        };
        let exported = match arguments.format {
            ExportFormat::Jsonl => {
                let mut output = BufWriter::new(output);
                let exported = export(&store, |user| json_line(&mut output, user)).await;
                output.flush().map_err(other)?;
                exported
            }
            ExportFormat::Csv => {
                let mut output = csv::Writer::from_writer(output);
                output.write_record(Exported::columns()).map_err(other)?;
                let exported = export(&store, |user| Ok(write_cells(&mut output, user)?)).await;
                output.flush().map_err(other)?;
                exported
            }
        };
        let exported = exported.map_err(other)?;
        store.close().await;
        print::note(&format!("{exported} users exported"));
        Ok(())
    })
}

fn write_cells(output: &mut csv::Writer<impl Write>, user: &Exported) -> csv::Result<()> {
    let cells = user.cells();
    output.write_record(cells.iter().map(|cell| cell.as_bytes()))
}

fn json_line(output: &mut impl Write, user: &Exported) -> io::Result<()> {
    serde_json::to_writer(&mut *output, user)?;
    output.write_all(b"\n")
}

/// Creates a file that only its owner can read, because it holds password hashes.
fn create_private(path: &Path) -> io::Result<impl Write + use<>> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}
