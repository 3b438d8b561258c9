//! `gatelodge user import`: moves people in from elsewhere.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Read, Write},
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
    cli::{CliError, other, print, runtime, user::open::ready},
    config::{
        database::DatabaseConfig, log::LogConfig, password::PasswordConfig, pepper::PepperConfig,
    },
    domain::{clock::SystemClock, entropy::OsEntropy, id::random_uuid, password::MAX_CHARS},
    store::Store,
    telemetry::log,
    transfer::{self, Format, Import, Passed, ReadError, Row, Told, Totals, Unread, Wrap},
};

/// Rows of one transaction.
const BATCH: usize = 1000;
/// Bytes after which a batch has enough rows, so that the memory holds however long they are.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Batches that are read ahead.
const AHEAD: usize = 4;

/// How `gatelodge user import` is called.
#[derive(Args, Debug)]
pub struct ImportArguments {
    /// What wrote the file
    #[arg(long, value_enum)]
    from: InputFile,

    /// The file, or - [default: standard input]
    file: Option<PathBuf>,

    /// Say what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,

    /// Put argon2id over the old hashes at once, those of earlier imports too, so that no weak one remains; takes one
    /// hash a person
    #[arg(long)]
    wrap: bool,

    /// Write the rows that are refused here, too, and those whose id is somebody's of another name, as JSON lines
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
    /// One JSON object a line
    Jsonl,
}

/// Imports.
pub fn run(mut arguments: ImportArguments) -> Result<(), CliError> {
    arguments.database.resolve()?;
    arguments.database.must_exist();
    arguments.pepper.resolve()?;
    log::start(&arguments.log)?;
    let (file, size) = open(arguments.file.as_deref())?;
    if is_one_file(arguments.file.as_deref(), arguments.errors.as_deref()) {
        return Err(other("--errors names the file that is to be imported"));
    }
    runtime()?.block_on(async {
        let store = ready(&arguments.database).await?;
        // Not before: what an earlier run left is worth more than an empty file.
        let mut errors = arguments.errors.as_deref().map(create).transpose()?;
        let mut import = begin(&arguments, store.clone())?;
        let (mut progress, file) = Progress::of(file, size);
        let (batches, reader) = read(arguments.from, file);
        let told = take_all(&mut import, batches, &mut progress, errors.as_mut()).await;
        progress.end();
        let read = told.and_then(|()| {
            reader
                .join()
                .map_err(|_| other("the reader of the file gave up"))
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
            let tell = |count| progress.plain(|| wrapped(count));
            match import.wrap_those_here(tell).await.map_err(other)? {
                0 => {}
                count => print::note(&wrapped(count)),
            }
            if arguments.wrap && arguments.dry_run {
                let count = transfer::count_weak_here(&store, import.todays_cost);
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
        dry: arguments.dry_run.then(Passed::default),
        totals: Totals::default(),
    })
}

type Batch = Vec<transfer::Read>;
type Reader = std::thread::JoinHandle<Result<(), ReadError>>;

/// Reads the file on a thread of its own, a few batches ahead of the database.
fn read(source: InputFile, file: impl Read + Send + 'static) -> (mpsc::Receiver<Batch>, Reader) {
    let format = match source {
        InputFile::Django => Format::Django,
        InputFile::Csv => Format::Csv,
        InputFile::Jsonl => Format::JsonLines,
    };
    let (full, batches) = mpsc::channel(AHEAD);
    let reader = std::thread::spawn(move || {
        let (mut batch, mut bytes) = (vec![], 0);
        let result = transfer::read(format, file, &mut |row| {
            bytes += row.1.as_ref().map_or_else(Unread::bytes, Row::bytes);
            batch.push(row);
            if batch.len() < BATCH && bytes < BATCH_BYTES {
                return ControlFlow::Continue(());
            }
            bytes = 0;
            match full.blocking_send(std::mem::take(&mut batch)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        });
        // What was read before the file broke is good.
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
        for told in import.take(batch).await.map_err(other)? {
            progress.say(|| print::note(&line(&told)));
            if let Some(errors) = &mut errors
                && told.brings_nobody()
            {
                json_line(*errors, &told).map_err(other)?;
            }
        }
        progress.rows(import.totals.read);
    }
    Ok(())
}

/// What is told of a row, for people. A name may hold anything, a terminal's commands too: it is shown as a literal.
fn line(told: &Told) -> String {
    let (kind, what) = match &told.what {
        Ok(notice) => ("note", notice.to_string()),
        Err(refusal) => ("refused", refusal.to_string()),
    };
    let name = told.username.as_deref().unwrap_or_default();
    let name: String = name.chars().take(150).collect();
    format!(
        "{kind}: {} {name:?}: {}",
        told.position,
        what.escape_debug()
    )
}

/// A row that was refused or passed over, for programs.
fn json_line(errors: &mut impl Write, told: &Told) -> io::Result<()> {
    let reason = match &told.what {
        Ok(notice) => notice.to_string(),
        Err(refusal) => refusal.to_string(),
    };
    let line = serde_json::json!({
        "position": told.position,
        "externalId": told.external_id,
        "username": told.username,
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

/// What to do for users whose passwords cannot move.
fn advice(totals: Totals, dry_run: bool) -> Vec<String> {
    let mut advice = vec![];
    if totals.unknown_hash > 0 {
        advice.push(format!(
            "{} have a password hash of a kind that cannot move (each has a note above): give them a password by \
             `gatelodge user set-password NAME`",
            totals.unknown_hash
        ));
    }
    if dry_run && totals.imported > totals.without_password {
        advice.push(format!(
            "a hash does not show how long its password is: users whose password has more than {MAX_CHARS} characters \
             cannot log in until they get another one by `gatelodge user set-password NAME`"
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

/// Whether both are there, and the same.
fn is_one_file(one: Option<&Path>, other: Option<&Path>) -> bool {
    let real = |path: Option<&Path>| path.and_then(|path| path.canonicalize().ok());
    real(one).is_some_and(|one| real(other) == Some(one))
}

fn create(path: &Path) -> Result<BufWriter<File>, CliError> {
    // Names are in it: it is for its owner alone.
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map(BufWriter::new)
        .map_err(|error| other(format!("{}: {error}", path.display())))
}
