//! The program as a process of its own, with its log.

use std::{
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    process::{Child, Command, Output, Stdio},
    thread::JoinHandle,
};

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Returns the program's command in a folder, with no settings but these.
pub fn gatelodge(directory: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatelodge"));
    command
        .current_dir(directory.path())
        .env_clear()
        .env("GATELODGE_ADMIN_LISTEN", "off");
    command
}

/// Returns a port that no program listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Exit status and output of a command.
#[derive(Debug)]
pub struct CommandOutput {
    pub status: i32,
    pub out: String,
    pub error: String,
}

impl From<Output> for CommandOutput {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            error: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl CommandOutput {
    /// Returns the lines of JSON that the command printed. It must have succeeded.
    pub fn lines(&self) -> Vec<Value> {
        assert_eq!(self.status, 0, "{self:?}");
        let lines = self.out.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Returns the only line of JSON that the command printed. It must have succeeded.
    pub fn line(&self) -> Value {
        let lines = self.lines();
        assert_eq!(lines.len(), 1, "{self:?}");
        lines[0].clone()
    }

    /// Returns the usernames in the lines of JSON that the command printed.
    pub fn names(&self) -> Vec<String> {
        let lines = self.lines();
        let names = lines.iter().map(|line| line["username"].as_str().unwrap());
        names.map(str::to_owned).collect()
    }
}

/// Running program. Dropping it kills the program.
pub struct Program {
    pub child: Child,
    pub url: String,
    pub directory: TempDir,
    /// Reads the log to its end, so that the program never waits for a reader.
    log: Option<JoinHandle<String>>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    pub fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_command(gatelodge, settings)
    }

    pub fn start_command(command: impl Fn(&TempDir) -> Command, settings: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut child = command(&directory)
            .env("GATELODGE_LISTEN", format!("127.0.0.1:{port}"))
            .envs(settings.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut kept = String::new();
        while !kept.contains("\"ready\"") {
            assert_ne!(log.read_line(&mut kept).unwrap(), 0, "it ended: {kept}");
        }
        let log = std::thread::spawn(move || {
            let _ = log.read_to_string(&mut kept);
            kept
        });
        Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
            directory,
            log: Some(log),
        }
    }

    pub async fn ask(
        &self,
        cookie: Option<&str>,
        query: &str,
        variables: Value,
    ) -> (Option<String>, Value) {
        let mut request = Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .post(format!("{}/graphql", self.url));
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        let body = json!({ "query": query, "variables": variables }).to_string();
        let reply = request
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await
            .unwrap();
        let cookies = reply.headers().get_all("set-cookie").iter();
        let cookie = cookies
            .map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap())
            .find(|cookie| cookie.starts_with("gatelodge="))
            .map(str::to_owned);
        (cookie, reply.json().await.unwrap())
    }

    /// Stops the program as a container engine does, and returns its exit status and its log.
    pub fn stop(mut self) -> (Option<i32>, String) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(pid).status().unwrap().success());
        let status = self.child.wait().unwrap();
        let log = self.log.take().unwrap().join().unwrap();
        (status.code(), log)
    }
}
