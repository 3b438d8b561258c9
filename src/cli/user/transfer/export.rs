//! `gatelodge user export`: everybody who is here, as import reads it.

use std::{
    fs::OpenOptions,
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

use crate::{
    cli::{CliError, other, print, runtime, user::open::ready},
    config::{database::DatabaseConfig, log::LogConfig},
    telemetry::log,
    transfer::{Exported, export},
};

/// How `gatelodge user export` is called.
#[derive(Args, Debug)]
pub struct ExportArguments {
    /// How to write them
    #[arg(long, value_enum)]
    format: ExportFormat,

    /// The file, which must not be there yet [default: standard output]
    #[arg(long)]
    output: Option<PathBuf>,

    #[command(flatten)]
    database: DatabaseConfig,

    #[command(flatten)]
    log: LogConfig,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ExportFormat {
    /// One JSON object a line
    Jsonl,
    /// CSV with a header
    Csv,
}

/// Exports.
pub fn run(mut arguments: ExportArguments) -> Result<(), CliError> {
    arguments.database.resolve()?;
    arguments.database.must_exist();
    log::start(&arguments.log)?;
    runtime()?.block_on(async {
        let store = ready(&arguments.database).await?;
        // Not before there is something to write: what is left by a failure would be in the next run's way.
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
                let exported = export(&store, |person| json_line(&mut output, person)).await;
                output.flush().map_err(other)?;
                exported
            }
            ExportFormat::Csv => {
                let mut output = csv::Writer::from_writer(output);
                output.write_record(Exported::columns()).map_err(other)?;
                let exported = export(&store, |person| Ok(write_cells(&mut output, person)?)).await;
                output.flush().map_err(other)?;
                exported
            }
        };
        let exported = exported.map_err(other)?;
        store.close().await;
        print::note(&format!("{exported} people exported"));
        Ok(())
    })
}

fn write_cells(output: &mut csv::Writer<impl Write>, person: &Exported) -> csv::Result<()> {
    let cells = person.cells();
    output.write_record(cells.iter().map(|cell| cell.as_bytes()))
}

fn json_line(output: &mut impl Write, person: &Exported) -> io::Result<()> {
    serde_json::to_writer(&mut *output, person)?;
    output.write_all(b"\n")
}

/// Creates a file that its owner alone can read: it holds hashes of passwords.
fn create_private(path: &Path) -> io::Result<impl Write + use<>> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}
