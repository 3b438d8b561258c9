//! `gatelodge user import`: imports users from another system.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufWriter, Read, Write},
    ops::ControlFlow,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, ValueEnum};
use tokio::sync::mpsc;

use super::progress::{Progress, rate};
use crate::{
    auth::Hasher,
    cli::{CliError, database::ready, other, print, runtime},
    config::{
        database::DatabaseConfig, log::LogConfig, password::PasswordConfig, pepper::PepperConfig,
    },
    domain::{clock::SystemClock, entropy::OsEntropy, id::random_uuid, password::MAX_CHARS},
    store::Store,
    telemetry::log,
    transfer::{
        self, Format, Import, ReadError, Row, RowReport, SeenRows, Totals, UnreadableRow, Wrap,
    },
};

/// The maximum of rows in one transaction.
const MAX_BATCH_ROWS: usize = 1000;
/// The size in bytes at which a batch ends, so that long rows do not fill the memory.
const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;
/// The number of batches that are read ahead.
const READ_AHEAD: usize = 4;

/// The arguments of `gatelodge user import`.
#[derive(Args, Debug)]
pub struct ImportArguments {
    /// The format of the file
    #[arg(long, value_enum)]
    from: InputFile,

    /// The file, or - [default: standard input]
    file: Option<PathBuf>,

    /// Report what would happen, without changing anything
    #[arg(long)]
    dry_run: bool,

    /// Wrap all old hashes in argon2id at once, also those of earlier imports, so that no weak hash remains; computes
    /// one hash per user
    #[arg(long)]
    wrap: bool,

    /// Write refused rows to this file as JSON lines, and rows whose id belongs to a user with another name
    #[arg(long)]
    errors: Option<PathBuf>,

    #[command(flatten)]
    database: DatabaseConfig,

    #[command(flatten)]
    password: PasswordConfig,

    #[command(flatten)]
    pepper: PepperConfig,

    #[command(flatten)]
    log: LogConfig,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum InputFile {
    /// Django's `manage.py dumpdata auth.user`
    Django,
    /// CSV with a header
    Csv,
    /// One JSON object per line
    Jsonl,
}

/// Imports users.
pub fn run(mut arguments: ImportArguments) -> Result<(), CliError> {
    arguments.database.resolve()?;
    arguments.database.must_exist();
    arguments.pepper.resolve()?;
    log::start(&arguments.log)?;
    let (file, size) = open(arguments.file.as_deref())?;
    if is_one_file(arguments.file.as_deref(), arguments.errors.as_deref()) {
        return Err(other("--errors must not be the file to import"));
    }
    runtime()?.block_on(async {
        let store = ready(&arguments.database).await?;
        // Create the file only now, so that a failure above does not empty the file of an earlier run.
        let mut errors = arguments.errors.as_deref().map(create).transpose()?;
        let mut import = begin(&arguments, store.clone())?;
        let (mut progress, file) = Progress::of(file, size);
        let (batches, reader) = read(arguments.from, file);
        let taken = take_all(&mut import, batches, &mut progress, errors.as_mut()).await;
        progress.end();
        let read = taken.and_then(|()| {
            reader
                .join()
                .map_err(|_| other("reading the file failed unexpectedly"))
        });
        print::note(&summary(import.totals, &progress, arguments.dry_run));
        for advice in advice(import.totals, arguments.dry_run) {
            print::hint(&advice);
        }
        if let Some(mut errors) = errors {
            errors.flush().map_err(other)?;
        }
        if read.as_ref().is_ok_and(Result::is_ok) {
            let wrapped = |count| format!("{count} hashes of earlier imports wrapped, too");
            let report = |count| progress.plain(|| wrapped(count));
            match import.wrap_existing(report).await.map_err(other)? {
                0 => {}
                count => print::note(&wrapped(count)),
            }
            if arguments.wrap && arguments.dry_run {
                let count = transfer::count_weak_existing(&store, import.todays_cost);
                let count = count.await.map_err(other)?;
                print::note(&format!(
                    "{count} hashes of earlier imports would be wrapped, too"
                ));
            }
        }
        store.close().await;
        read?.map_err(other)?;
        match import.totals.refused {
            0 => Ok(()),
            refused => Err(other(format!("{refused} rows were refused"))),
        }
    })
}

fn begin(arguments: &ImportArguments, store: Store) -> Result<Import, CliError> {
    let password = &arguments.password;
    let todays_cost = password.memory_kib.saturating_mul(password.iterations);
    let wrap = if arguments.wrap && !arguments.dry_run {
        let peppers = arguments.pepper.list().map_err(other)?;
        let hasher = Hasher::start(password, peppers, &OsEntropy).map_err(other)?;
        Some(Wrap {
            hasher: Arc::new(hasher),
            workers: password.workers() as usize,
            todays_cost,
            entropy: Arc::new(OsEntropy),
        })
    } else {
        None
    };
    Ok(Import {
        store,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        wrap,
        todays_cost,
        run: random_uuid(&OsEntropy).map_err(other)?,
        dry_run: arguments.dry_run.then(SeenRows::default),
        totals: Totals::default(),
    })
}

type Batch = Vec<transfer::ReadRow>;
type Reader = std::thread::JoinHandle<Result<(), ReadError>>;

/// Reads the file on a thread of its own, a few batches ahead of the database.
fn read(source: InputFile, file: impl Read + Send + 'static) -> (mpsc::Receiver<Batch>, Reader) {
    let format = match source {
        InputFile::Django => Format::Django,
        InputFile::Csv => Format::Csv,
        InputFile::Jsonl => Format::JsonLines,
    };
    let (full, batches) = mpsc::channel(READ_AHEAD);
    let reader = std::thread::spawn(move || {
        let (mut batch, mut bytes) = (vec![], 0);
        let result = transfer::read(format, file, &mut |row| {
            bytes += row.1.as_ref().map_or_else(UnreadableRow::bytes, Row::bytes);
            batch.push(row);
            if batch.len() < MAX_BATCH_ROWS && bytes < MAX_BATCH_BYTES {
                return ControlFlow::Continue(());
            }
            bytes = 0;
            match full.blocking_send(std::mem::take(&mut batch)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        });
        // Rows before a broken part of the file are valid.
        let _ = full.blocking_send(batch);
        result
    });
    (batches, reader)
}

async fn take_all(
    import: &mut Import,
    mut batches: mpsc::Receiver<Batch>,
    progress: &mut Progress,
    mut errors: Option<&mut BufWriter<File>>,
) -> Result<(), CliError> {
    while let Some(batch) = batches.recv().await {
        for report in import.import_batch(batch).await.map_err(other)? {
            progress.say(|| print::note(&line(&report)));
            if let Some(errors) = &mut errors
                && report.imports_nobody()
            {
                json_line(*errors, &report).map_err(other)?;
            }
        }
        progress.rows(import.totals.read);
    }
    Ok(())
}

/// Returns the message of a row for operators. A name may contain terminal escape sequences, so it is escaped.
fn line(report: &RowReport) -> String {
    let (kind, what) = match &report.result {
        Ok(notice) => ("note", notice.to_string()),
        Err(refusal) => ("refused", refusal.to_string()),
    };
    let name = report.username.as_deref().unwrap_or_default();
    let name: String = name.chars().take(150).collect();
    format!(
        "{kind}: {} {name:?}: {}",
        report.position,
        what.escape_debug()
    )
}

/// Writes a refused or skipped row as JSON.
fn json_line(errors: &mut impl Write, report: &RowReport) -> io::Result<()> {
    let reason = match &report.result {
        Ok(notice) => notice.to_string(),
        Err(refusal) => refusal.to_string(),
    };
    let line = serde_json::json!({
        "position": report.position,
        "externalId": report.external_id,
        "username": report.username,
        "reason": reason,
    });
    serde_json::to_writer(&mut *errors, &line)?;
    errors.write_all(b"\n")
}

fn summary(totals: Totals, progress: &Progress, dry_run: bool) -> String {
    let Totals {
        read,
        imported,
        present,
        present_as_others,
        refused,
        without_password,
        unknown_hash: _,
    } = totals;
    let took = progress.took();
    let would = if dry_run {
        "would be imported"
    } else {
        "imported"
    };
    let others = match present_as_others {
        0 => String::new(),
        others => format!(" ({others} under another name)"),
    };
    format!(
        "{read} rows: {imported} {would} ({without_password} without a usable password), {present} were here already{others}, \
         {refused} refused; {:.1} s, {} rows/s",
        took.as_secs_f64(),
        rate(read, took)
    )
}

/// Returns advice for users whose passwords cannot be imported.
fn advice(totals: Totals, dry_run: bool) -> Vec<String> {
    let mut advice = vec![];
    if totals.unknown_hash > 0 {
        advice.push(format!(
            "{} users have a password hash of an unsupported kind (see the notes above): set a password with \
             `gatelodge user set-password NAME`",
            totals.unknown_hash
        ));
    }
    if dry_run && totals.imported > totals.without_password {
        advice.push(format!(
            "a hash does not show the length of its password: users whose password has more than {MAX_CHARS} characters \
             cannot log in until you set a new password with `gatelodge user set-password NAME`"
        ));
    }
    advice
}

fn open(path: Option<&Path>) -> Result<(Box<dyn Read + Send>, Option<u64>), CliError> {
    let Some(path) = path.filter(|path| *path != Path::new("-")) else {
        return Ok((Box::new(io::stdin()), None));
    };
    let wrong = |error| other(format!("{}: {error}", path.display()));
    let file = File::open(path).map_err(wrong)?;
    let metadata = file.metadata().map_err(wrong)?;
    let size = metadata.is_file().then_some(metadata.len());
    Ok((Box::new(file), size))
}

/// Whether both paths exist and are the same file.
fn is_one_file(one: Option<&Path>, other: Option<&Path>) -> bool {
    let real = |path: Option<&Path>| path.and_then(|path| path.canonicalize().ok());
    real(one).is_some_and(|one| real(other) == Some(one))
}

/// Returns whether a file may be replaced by a report: it does not exist, or is empty, or is a report.
fn is_report(path: &Path) -> bool {
    let Ok(file) = File::open(path) else {
        return !path.exists();
    };
    if file.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        // For example /dev/null.
        return true;
    }
    let mut first = vec![];
    let read = io::BufReader::new(file.take(64 * 1024)).read_until(b'\n', &mut first);
    let line = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&first);
    read.is_ok() && (first.is_empty() || line.is_ok_and(|line| line.contains_key("reason")))
}

fn create(path: &Path) -> Result<BufWriter<File>, CliError> {
    // Any other file would be lost: the input by another name, the database, the secret.
    if !is_report(path) {
        return Err(other(format!(
            "--errors: {} exists and is not a report of an import. Choose another name",
            path.display()
        )));
    }
    // It contains usernames, so only its owner may read it.
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map(BufWriter::new)
        .map_err(|error| other(format!("{}: {error}", path.display())))
}
