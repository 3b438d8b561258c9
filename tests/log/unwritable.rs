//! A log that cannot be written: its reader is gone or has stopped, or the disk is full. No request and no stop is
//! affected.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, PipeReader, Read},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{PASSWORD, eventually, free_port, gatelodge};

/// The program with a log that the test reads. Dropping it kills the program.
struct Gateway {
    child: Child,
    public: SocketAddr,
    admin: SocketAddr,
    client: Client,
    _directory: TempDir,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Gateway {
    async fn start(command: impl Fn(&TempDir) -> Command, log: impl Into<Stdio>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let [public, admin] =
            [free_port(), free_port()].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let child = command(&directory)
            .env("GATELODGE_LISTEN", public.to_string())
            .env("GATELODGE_ADMIN_LISTEN", admin.to_string())
            .env("GATELODGE_HASH_QUEUE", "4096")
            .env("GATELODGE_SHUTDOWN_LINGER", "0s")
            .stderr(log)
            .spawn()
            .unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        let mut gateway = Self {
            child,
            public,
            admin,
            client,
            _directory: directory,
        };
        for _ in 0..200 {
            assert_eq!(gateway.child.try_wait().unwrap(), None, "it ended");
            if TcpStream::connect(public).await.is_ok() {
                return gateway;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("it does not listen");
    }

    /// Sends a request that is logged, and checks that it is answered.
    async fn refuse_logins(&self, count: usize) {
        let query = "mutation { login(input: { username: \"ada\", password: \"wrong horse\" }) { userErrors { code } } }";
        for _ in 0..count {
            let request = self.client.post(format!("http://{}/graphql", self.public));
            let request = request.header("content-type", "application/json");
            let reply = request.body(json!({ "query": query }).to_string()).send();
            let reply: Value = reply.await.unwrap().json().await.unwrap();
            let code = &reply["data"]["login"]["userErrors"][0]["code"];
            assert!(code.is_string(), "{reply}");
        }
    }

    /// Sends requests with long log lines until lines are dropped. Each request must be answered.
    async fn flood(&self) {
        const COUNT: usize = 100;
        let request = format!("GET /{} HTTP/1.1\r\nhost: x\r\n", "a".repeat(120));
        let requests = format!("{request}\r\n").repeat(COUNT - 1);
        let requests = format!("{requests}{request}connection: close\r\n\r\n");
        let before = self.dropped("ordinary").await;
        for _ in 0..100 {
            let mut stream = TcpStream::connect(self.public).await.unwrap();
            let (mut reader, mut writer) = stream.split();
            let send = async { writer.write_all(requests.as_bytes()).await.unwrap() };
            let mut answers = String::new();
            let receive = async { reader.read_to_string(&mut answers).await.unwrap() };
            tokio::join!(send, receive);
            assert_eq!(answers.matches("HTTP/1.1 404").count(), COUNT);
            if self.dropped("ordinary").await > before + 10 {
                return;
            }
        }
        panic!("no line is ever dropped");
    }

    /// Returns the metric that counts dropped lines.
    async fn dropped(&self, kind: &str) -> usize {
        let reply = self.client.get(format!("http://{}/metrics", self.admin));
        let metrics = reply.send().await.unwrap().text().await.unwrap();
        let name = format!("gatelodge_log_lines_dropped_total{{kind=\"{kind}\"}} ");
        let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
        line.expect(&metrics).parse().unwrap()
    }

    fn stop(&mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(pid).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

/// Reads a log until the program is ready.
fn read_until_ready(log: PipeReader) -> BufReader<PipeReader> {
    let mut log = BufReader::new(log);
    let mut line = String::new();
    while !line.contains("\"ready\"") {
        line.clear();
        assert_ne!(log.read_line(&mut line).unwrap(), 0);
    }
    log
}

/// Returns the sum of the dropped lines that the log reports. Every line must be whole.
fn reported(log: &str) -> u64 {
    let lines = log
        .lines()
        .map(|line| serde_json::from_str(line).expect(line));
    lines
        .filter(|line: &Value| {
            line["message"]
                .as_str()
                .unwrap()
                .starts_with("log lines were dropped")
        })
        .map(|line| line["ordinary"].as_u64().unwrap())
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_log_reader_is_gone_requests_are_answered_and_a_stop_works() {
    let (reader, writer) = io::pipe().unwrap();
    let mut gateway = Gateway::start(gatelodge, writer).await;
    drop(read_until_ready(reader));
    gateway.refuse_logins(3).await;
    gateway.flood().await;
    gateway.refuse_logins(3).await;
    assert_eq!(gateway.dropped("security").await, 0);
    assert_eq!(gateway.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_log_that_was_never_writable_the_program_starts_serves_and_stops() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut gateway = Gateway::start(gatelodge, full).await;
    gateway.refuse_logins(3).await;
    assert_eq!(gateway.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_log_reader_is_stopped_lines_are_dropped_and_security_lines_last() {
    let (reader, writer) = io::pipe().unwrap();
    let mut gateway = Gateway::start(gatelodge, writer).await;
    let mut reader = read_until_ready(reader);
    gateway.flood().await;
    gateway.refuse_logins(3).await;
    gateway.flood().await;
    assert_eq!(gateway.dropped("security").await, 0);
    let dropped = gateway.dropped("ordinary").await as u64;
    // The reader continues: the waiting lines come, and the number of lost ones.
    let log = std::thread::spawn(move || {
        let mut log = String::new();
        reader.read_to_string(&mut log).unwrap();
        log
    });
    eventually("there is space again", async || {
        let before = gateway.dropped("ordinary").await;
        gateway.refuse_logins(1).await;
        gateway.dropped("ordinary").await == before
    })
    .await;
    assert_eq!(gateway.stop(), Some(0));
    let log = log.join().unwrap();
    assert!(log.matches("\"login refused\"").count() >= 4);
    assert!(log.contains("\"stopped\""));
    assert!(reported(&log) >= dropped, "{dropped}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_a_stopped_log_reader() {
    let (reader, writer) = io::pipe().unwrap();
    let mut gateway = Gateway::start(gatelodge, writer).await;
    let reader = read_until_ready(reader);
    gateway.flood().await;
    assert_eq!(gateway.stop(), Some(0));
    drop(reader);
}

/// Largest file, in bytes, that this program can write.
const DISK: usize = 2 * 1024 * 1024;

/// Starts the program where a file cannot grow past a size: the log's disk is full, the database's is not.
fn on_a_small_disk(directory: &TempDir) -> Command {
    let mut command = Command::new("sh");
    let script = format!(
        "trap '' XFSZ; exec prlimit --fsize={DISK}:unlimited {}",
        env!("CARGO_BIN_EXE_gatelodge")
    );
    command
        .args(["-c", &script])
        .current_dir(directory.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin");
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_log_on_a_full_disk_requests_are_answered_and_the_log_continues_when_there_is_space()
{
    let log = tempfile::NamedTempFile::new().unwrap();
    let begun = "{\"message\":\"earlier\"}\n".repeat(DISK / 22 - 100);
    fs::write(log.path(), begun).unwrap();
    let output = File::options().append(true).open(log.path()).unwrap();
    let mut gateway = Gateway::start(on_a_small_disk, output).await;
    gateway.flood().await;
    gateway.refuse_logins(3).await;
    assert_eq!(fs::read(log.path()).unwrap().len(), DISK);
    assert_eq!(gateway.dropped("security").await, 0);
    let dropped = gateway.dropped("ordinary").await as u64;
    let pid = gateway.child.id().to_string();
    let grown = Command::new("prlimit")
        .args(["--pid", &pid, "--fsize=unlimited:unlimited"])
        .status();
    assert!(grown.unwrap().success());
    eventually("it is written again", async || {
        fs::read_to_string(log.path())
            .unwrap()
            .contains("log lines were dropped")
    })
    .await;
    assert_eq!(gateway.stop(), Some(0));
    let log = fs::read_to_string(log.path()).unwrap();
    assert_eq!(log.matches("\"login refused\"").count(), 3);
    assert!(log.contains("\"stopped\""));
    assert!(reported(&log) >= dropped, "{dropped}");
}

#[test]
fn a_command_ends_quietly_when_its_reader_is_gone_and_reports_when_it_cannot_write() {
    let directory = tempfile::tempdir().unwrap();
    let gone = || {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        writer
    };
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let password = directory.path().join("password");
    fs::write(&password, PASSWORD).unwrap();
    let prepared = [
        &["migrate"][..],
        &["user", "add", "ada", "--password-stdin"],
    ];
    for arguments in prepared {
        let mut command = gatelodge(&directory);
        command
            .args(arguments)
            .stdin(File::open(&password).unwrap());
        assert_eq!(command.stdout(gone()).status().unwrap().code(), Some(0));
    }
    for arguments in [&["schema"][..], &["user", "list"], &["migrate", "status"]] {
        let run = |output: Stdio| {
            gatelodge(&directory)
                .args(arguments)
                .stdout(output)
                .output()
                .unwrap()
        };
        let quiet = run(gone().into());
        assert_eq!(quiet.status.code(), Some(0), "{arguments:?}: {quiet:?}");
        let cut_off = run(full().into());
        assert_eq!(cut_off.status.code(), Some(1), "{arguments:?}: {cut_off:?}");
        let error = String::from_utf8(cut_off.stderr).unwrap();
        assert!(
            error.starts_with("error: standard output: No space left"),
            "{error}"
        );
        // A command also succeeds when its own log cannot be written.
        let unheard = gatelodge(&directory)
            .args(arguments)
            .env("RUST_LOG", "trace")
            .stderr(full())
            .output();
        let unheard = unheard.unwrap();
        assert_eq!(unheard.status.code(), Some(0), "{arguments:?}");
        assert!(!unheard.stdout.is_empty());
    }
}
