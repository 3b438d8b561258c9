//! Measures the memory of many concurrent logins.
//!
//! `cargo bench --bench memory` starts the program. It prints the memory at rest, the maximum during 64 concurrent
//! logins, and the limit: the memory at rest, plus 19 MiB for each hash worker, plus 16 MiB.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

mod wire;

use wire::{Connection, login, register};

type Error = Box<dyn std::error::Error + Send + Sync>;

const AT_ONCE: usize = 64;
const MAX_ATTEMPTS: usize = 5;
const PASSWORD: &str = "correct horse";

/// Returns a value of a process's status in /proc, in MiB.
fn mib(program: &Child, what: &str) -> Result<f64, Error> {
    let status = fs::read_to_string(format!("/proc/{}/status", program.id()))?;
    let line = status.lines().find(|line| line.starts_with(what));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(kib.ok_or("no such line")?.parse::<f64>()? / 1024.0)
}

fn ready(address: SocketAddr) -> Result<Connection, Error> {
    for _ in 0..200 {
        if let Ok(connection) = Connection::open(address) {
            return Ok(connection);
        }
        thread::sleep(Duration::from_millis(50));
    }
    Err("the program does not serve".into())
}

fn measure(program: &Child, address: SocketAddr) -> Result<(), Error> {
    let mut connection = ready(address)?;
    thread::sleep(Duration::from_secs(1));
    let rest = mib(program, "VmRSS")?;
    connection.ask(&register("known", PASSWORD))?;

    let clients: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            thread::spawn(move || {
                let mut connection = Connection::open(address)?;
                let mut refused = 0;
                for _ in 0..MAX_ATTEMPTS {
                    let answer = connection.ask(&login("known", PASSWORD))?;
                    refused += usize::from(!answer.contains("user_"));
                }
                Ok::<_, std::io::Error>(refused)
            })
        })
        .collect();
    let mut refused = 0;
    for client in clients {
        refused += client.join().map_err(|_| "a client panicked")??;
    }
    let peak = mib(program, "VmHWM")?;
    let workers = thread::available_parallelism()?.get();
    #[expect(clippy::cast_precision_loss, reason = "a few workers")]
    let limit = rest + 19.0 * workers as f64 + 16.0;
    eprintln!(
        "{rest:6.1} MiB at rest, {peak:6.1} MiB at most with {AT_ONCE} concurrent logins; the limit is {limit:.1} MiB"
    );
    eprintln!(
        "{refused} of {} logins were refused",
        AT_ONCE * MAX_ATTEMPTS
    );
    Ok(())
}

fn main() -> Result<(), Error> {
    let directory = tempfile::tempdir()?;
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut program = Command::new(env!("CARGO_BIN_EXE_gatelodge"))
        .current_dir(directory.path())
        .env_clear()
        .env("GATELODGE_LISTEN", address.to_string())
        .env("GATELODGE_ADMIN_LISTEN", "off")
        .stderr(Stdio::null())
        .spawn()?;
    let result = measure(&program, address);
    program.kill()?;
    program.wait()?;
    result
}
