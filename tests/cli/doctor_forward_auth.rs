//! `gatelodge doctor --forward-auth`: proxies that are configured right and wrong. Real ones are tested with deploy/.

use std::{fs, process::Stdio, sync::atomic::Ordering, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{
    doctor::{doctor, has},
    doctor_proxy::{Fault, FaultyProxy},
};
use crate::harness::{CommandOutput, PASSWORD, Program, eventually, free_port, gatelodge};

/// Starts a gateway with the user `ada`, and returns it with her cookie.
async fn gateway() -> (Program, String) {
    let program = Program::start(&[]);
    let register = "mutation($input: RegisterInput!) { register(input: $input) { user { id } } }";
    let input = json!({ "username": "ada", "password": PASSWORD, "confirmPassword": PASSWORD });
    let (cookie, _) = program.ask(None, register, json!({ "input": input })).await;
    (program, cookie.unwrap())
}

/// Runs doctor through a proxy with a fault.
async fn run(program: &Program, fault: Fault, more: &[&str]) -> (i32, Vec<Value>) {
    let (proxy, url) = FaultyProxy::start(program, fault).await;
    let echo = format!("127.0.0.1:{}", proxy.echo);
    let arguments = [&["--forward-auth", &url, "--echo", &echo], more].concat();
    tokio::task::block_in_place(|| doctor(&program.directory, &[], &arguments))
}

/// Returns how many sessions `ada` has.
fn sessions(program: &Program) -> u64 {
    let mut command = gatelodge(&program.directory);
    command.args(["user", "show", "ada", "--json"]);
    CommandOutput::from(command.output().unwrap()).line()["sessions"]
        .as_u64()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_without_faults_has_no_problem_and_the_session_is_ended() {
    let (program, _) = gateway().await;
    for (fault, words) in [
        (Fault::None, "a stranger gets 401"),
        (Fault::Optional, "reaches the application as a stranger"),
    ] {
        let (status, findings) = run(&program, fault, &["--user", "ada"]).await;
        assert_eq!(status, 0, "{findings:#?}");
        for words in [
            words,
            "every identity header once",
            "helps a stranger",
            "no forged header reaches",
            "an ended session is refused",
        ] {
            assert!(has(&findings, "ok", words), "{words}: {findings:#?}");
        }
        assert_eq!(sessions(&program), 1);
    }
    let mut events = gatelodge(&program.directory);
    events.args(["user", "events", "ada", "--json"]);
    let events = CommandOutput::from(events.output().unwrap()).lines();
    let by_doctor = events
        .iter()
        .filter(|event| event.to_string().contains("gatelodge doctor"));
    assert_eq!(by_doctor.count(), 4, "{events:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_a_proxy_is_found_and_the_session_is_ended() {
    let (program, _) = gateway().await;
    for (fault, level, words) in [
        (
            Fault::Unguarded,
            "problem",
            "a stranger reaches the application, without",
        ),
        (
            Fault::BelievesQuery,
            "problem",
            "a stranger reaches the application with: optional=1",
        ),
        (
            Fault::Passes('_'),
            "problem",
            "`remote_user` reaches the application",
        ),
        (
            Fault::Passes('.'),
            "problem",
            "`remote.user` reaches the application",
        ),
        (
            Fault::Appends,
            "problem",
            "`remote-user` reaches the application",
        ),
        (
            Fault::LosesRoles,
            "problem",
            "does not get exactly one gatelodge-roles",
        ),
        (
            Fault::HopByHopLast,
            "problem",
            "headers named by Connection",
        ),
        (
            Fault::PassesCookie,
            "warning",
            "the application gets the session cookie",
        ),
        (Fault::Caches, "problem", "an ended session still reaches"),
        (Fault::OtherApplication, "problem", "did not reach doctor"),
    ] {
        let (status, findings) = run(&program, fault, &["--user", "ada"]).await;
        assert!(has(&findings, level, words), "{fault:?}: {findings:#?}");
        assert_eq!(
            status,
            i32::from(level == "problem"),
            "{fault:?}: {findings:#?}"
        );
        assert_eq!(sessions(&program), 1, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_from_a_file_is_used_and_not_ended() {
    let (program, cookie) = gateway().await;
    let (name, token) = cookie.split_once('=').unwrap();
    let path = program.directory.path().join("cookie");
    let jar = format!(
        "# Netscape HTTP Cookie File\n\n#HttpOnly_localhost\tFALSE\t/\tFALSE\t0\t{name}\t{token}\n"
    );
    for text in [format!("{cookie}\n"), jar] {
        fs::write(&path, text).unwrap();
        let (status, findings) = run(&program, Fault::None, &["--cookie-file", "cookie"]).await;
        assert_eq!(status, 0, "{findings:#?}");
        assert!(
            has(&findings, "ok", "every identity header once"),
            "{findings:#?}"
        );
        assert!(!has(&findings, "ok", "an ended session"), "{findings:#?}");
        assert_eq!(sessions(&program), 1);
    }
    let (_, me) = program
        .ask(Some(&cookie), "{ me { username } }", json!({}))
        .await;
    assert_eq!(me["data"]["me"]["username"], "ada");
    // Without a session, only strangers are tried.
    let (status, findings) = run(&program, Fault::None, &[]).await;
    assert_eq!(status, 0);
    assert!(has(&findings, "warning", "only strangers were tried"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stops_the_check_is_reported_and_leaves_no_session() {
    let (program, _) = gateway().await;
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let echo = taken.local_addr().unwrap().to_string();
    let nobody = format!("http://localhost:{}/", free_port());
    let run = |arguments: &[&str]| {
        tokio::task::block_in_place(|| doctor(&program.directory, &[], arguments))
    };
    let free = format!("127.0.0.1:{}", free_port());
    for (url, echo, words) in [
        (nobody.as_str(), echo.as_str(), "cannot listen"),
        (&nobody, &free, "the proxy does not answer"),
        (
            "http://127.0.0.1:1/",
            &free,
            "not the host of the public URL",
        ),
    ] {
        let arguments = ["--forward-auth", url, "--echo", echo, "--user", "ada"];
        let (status, findings) = run(&arguments);
        assert_eq!(status, 1, "{findings:#?}");
        assert!(has(&findings, "problem", words), "{words}: {findings:#?}");
        assert_eq!(sessions(&program), 1);
    }
    for (arguments, status, words) in [
        (
            &["--forward-auth", "ftp://localhost/"][..],
            2,
            "http or https",
        ),
        (
            &["--forward-auth", "http://u:hunter2@localhost/"],
            2,
            "without user",
        ),
        (&["--forward-auth", "http://localhost/?a=b"], 2, "without ?"),
        (
            &["--forward-auth", &nobody, "--echo", &free, "--user", "bob"],
            1,
            "no user called bob",
        ),
        (
            &[
                "--forward-auth",
                &nobody,
                "--echo",
                &free,
                "--cookie-file",
                "missing",
            ],
            2,
            "--cookie-file",
        ),
    ] {
        let mut command = gatelodge(&program.directory);
        let output = CommandOutput::from(command.arg("doctor").args(arguments).output().unwrap());
        assert_eq!(output.status, status, "{arguments:?}: {}", output.error);
        assert!(
            output.error.contains(words) && !output.error.contains("hunter2"),
            "{}",
            output.error
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_check_ends_its_session() {
    let (program, _) = gateway().await;
    for signal in [Signal::INT, Signal::TERM] {
        let (proxy, url) = FaultyProxy::start(&program, Fault::Hangs).await;
        let echo = format!("127.0.0.1:{}", proxy.echo);
        let mut child = gatelodge(&program.directory)
            .args([
                "doctor",
                "--forward-auth",
                &url,
                "--echo",
                &echo,
                "--user",
                "ada",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        eventually("the second request", async || {
            tokio::time::sleep(Duration::from_millis(10)).await;
            proxy.seen.load(Ordering::SeqCst) > 1
        })
        .await;
        assert_eq!(sessions(&program), 2);
        kill_process(Pid::from_child(&child), signal).unwrap();
        let status = tokio::task::block_in_place(|| child.wait().unwrap());
        assert_eq!(status.code(), Some(1));
        assert_eq!(sessions(&program), 1);
    }
}
