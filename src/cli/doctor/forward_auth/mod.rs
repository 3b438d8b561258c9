//! Checks forward-auth through the user's own proxy. Doctor takes the place of the application, sends requests through
//! the proxy, and looks at what reaches it.

mod client;
mod echo;
mod requests;
mod session;
mod verdict;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args;
use tokio::{
    signal::unix::{SignalKind, signal},
    time::timeout,
};
use url::Url;

use self::{client::ProxyClient, echo::Echo, requests::Probe, session::ProbeSession};
use super::finding::Finding;
use crate::{
    cli::{CliError, other},
    config::Config,
};

/// The name of the check.
const CHECK: &str = "forward-auth";
/// The longest time for all requests.
const TIMEOUT: Duration = Duration::from_mins(2);

/// The arguments for forward-auth.
#[derive(Args, Debug)]
pub struct ForwardAuthArguments {
    /// URL of a guarded path at the proxy. Doctor sends requests there, and needs --user or --cookie-file
    #[arg(long, value_name = "URL", value_parser = guarded_url)]
    pub forward_auth: Option<Url>,

    /// Address where doctor takes the place of the application: stop the application, or point the proxy here
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9000")]
    echo: SocketAddr,

    /// User for whom doctor opens a session. It is ended afterwards
    #[arg(long, value_name = "NAME", conflicts_with = "cookie_file")]
    user: Option<String>,

    /// File with a session cookie: NAME=VALUE, or the cookie jar of curl. The session is not ended
    #[arg(long, value_name = "FILE")]
    cookie_file: Option<PathBuf>,
}

/// Parses the URL of a guarded path.
fn guarded_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text)
        .map_err(|_| "is not a URL. Write it like https://auth.example.com/app/".to_owned())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err("must be an http or https URL".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must be without user and password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must be without ? and #: doctor appends its own query strings".to_owned());
    }
    Ok(url)
}

/// Runs the check. A session that it opened is ended in any case, also after Ctrl-C.
pub async fn check(
    url: &Url,
    arguments: &ForwardAuthArguments,
    config: &Config,
) -> Result<Vec<Finding>, CliError> {
    let echo = match Echo::listen(arguments.echo).await {
        Ok(echo) => echo,
        Err(error) => {
            return Ok(vec![Finding::problem(
                CHECK,
                format!("doctor cannot listen on {}: {error}", arguments.echo),
                "Stop the application there, or give another address with --echo and point the proxy to it",
            )]);
        }
    };
    let mut findings = host(url, config);
    let probe = Probe {
        client: ProxyClient::new(url).map_err(other)?,
        echo: &echo,
    };
    // Before the session is opened, so that no signal ends doctor while there is one.
    let mut interrupt = signal(SignalKind::interrupt()).map_err(other)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(other)?;
    let (user, file) = (arguments.user.as_deref(), arguments.cookie_file.as_deref());
    let session = ProbeSession::open(user, file, config).await?;
    let cookie = session.as_ref().map(|session| session.cookie.clone());
    let work = async {
        let mut findings = verdict::of_stranger(&probe).await;
        match &cookie {
            Some(cookie) => {
                let (found, passes) = verdict::of_user(&probe, cookie).await;
                findings.extend(found);
                return (findings, passes);
            }
            None => findings.push(Finding::warning(
                CHECK,
                "only strangers were tried",
                "Give --user NAME, or --cookie-file FILE, to try a signed-in user too",
            )),
        }
        (findings, false)
    };
    let result = tokio::select! {
        found = timeout(TIMEOUT, work) => found.map_err(|_| {
            other(format!("the proxy did not answer all requests within {} s", TIMEOUT.as_secs()))
        }),
        _ = interrupt.recv() => Err(other("interrupted")),
        _ = terminate.recv() => Err(other("interrupted")),
    };
    let ended = match session {
        Some(session) => session.end().await?,
        None => false,
    };
    let (found, passed) = result?;
    findings.extend(found);
    if let Some(cookie) = cookie.filter(|_| ended && passed) {
        findings.push(verdict::after_logout(&probe, &cookie).await);
    }
    Ok(findings)
}

/// Checks that browsers send the cookie to the guarded host: the cookie belongs to the public URL's host alone.
fn host(url: &Url, config: &Config) -> Vec<Finding> {
    let public = Url::parse(&config.browser.public_url.to_string()).ok();
    let public = public.as_ref().and_then(Url::host_str);
    if public == url.host_str() {
        return vec![];
    }
    vec![Finding::problem(
        CHECK,
        format!(
            "{} is not the host of the public URL {}: browsers do not send the session cookie there",
            url.host_str().unwrap_or_default(),
            config.browser.public_url
        ),
        "Serve the application on a path of the public URL's host",
    )]
}
