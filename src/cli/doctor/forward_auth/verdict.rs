//! What the requests mean.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use tokio::time::sleep;

use super::{
    CHECK,
    requests::{FORGED, IDENTITY, Outcome, Probe, forgeries},
};
use crate::cli::doctor::finding::Finding;

/// The value of an identity header for a stranger.
const NOBODY: &str = "-";
/// How often doctor asks whether an ended session is refused, and the time between.
const MAX_ATTEMPTS: u32 = 10;
const INTERVAL: Duration = Duration::from_millis(300);

/// Tries strangers.
pub async fn of_stranger(probe: &Probe<'_>) -> Vec<Finding> {
    let plain = probe.send_plain(None).await;
    let optional = match (&plain.status, &plain.reached) {
        (Err(error), _) => return vec![unreachable(error)],
        (Ok(status), None) if status.is_success() => return vec![not_the_echo()],
        (Ok(_), None) => false,
        (Ok(_), Some(headers)) if is_stranger(headers) => true,
        (Ok(_), Some(_)) => {
            return vec![Finding::problem(
                CHECK,
                "a stranger reaches the application, without the headers of forward-auth",
                "Let the proxy ask Gatelodge's /forward-auth for this path",
            )];
        }
    };
    let mut findings = vec![if optional {
        Finding::ok(
            CHECK,
            "a stranger reaches the application as a stranger (optional = true)",
        )
    } else {
        match plain.status {
            Ok(
                StatusCode::UNAUTHORIZED
                | StatusCode::SEE_OTHER
                | StatusCode::FOUND
                | StatusCode::FORBIDDEN,
            ) => Finding::ok(CHECK, format!("a stranger gets {}", shown(&plain))),
            _ => Finding::warning(
                CHECK,
                format!("a stranger gets {} instead of 401", shown(&plain)),
                "Check that the proxy reaches Gatelodge, and passes its status on",
            ),
        }
    }];
    let mut wrong = vec![];
    for forgery in forgeries() {
        let outcome = probe.send(&forgery, None).await;
        let Some(headers) = outcome.reached else {
            continue;
        };
        if !optional {
            wrong.push(passed(forgery.what));
        } else if let Some(name) = forged(&headers) {
            wrong.push(believed(&name, forgery.what));
        } else if !is_stranger(&headers) {
            wrong.push(lost(forgery.what));
        }
    }
    if wrong.is_empty() {
        wrong.push(Finding::ok(
            CHECK,
            "no forged header and no query string helps a stranger",
        ));
    }
    findings.append(&mut wrong);
    findings
}

/// Tries a signed-in user. Returns also whether the user reaches the application.
pub async fn of_user(probe: &Probe<'_>, cookie: &HeaderValue) -> (Vec<Finding>, bool) {
    let plain = probe.send_plain(Some(cookie)).await;
    let expected = match (&plain.status, plain.reached) {
        (Err(error), _) => return (vec![unreachable(error)], false),
        (Ok(status), None) if status.is_success() => return (vec![not_the_echo()], false),
        (Ok(status), None) => {
            let refused = Finding::problem(
                CHECK,
                format!("a signed-in user gets {status}"),
                "Check that the session is live, that the user meets the policy, and that the proxy sends Cookie to Gatelodge",
            );
            return (vec![refused], false);
        }
        (Ok(_), Some(headers)) => headers,
    };
    let mut findings = vec![];
    let missing: Vec<_> = IDENTITY
        .into_iter()
        .filter(|name| is_missing(&expected, name))
        .collect();
    if missing.is_empty() {
        findings.push(Finding::ok(
            CHECK,
            "the application gets every identity header once",
        ));
    } else {
        findings.push(Finding::problem(
            CHECK,
            format!("the application does not get exactly one {}", missing.join(", ")),
            "Let the proxy copy these headers from Gatelodge's answer, and delete them from the client's request",
        ));
    }
    if carries(&expected, cookie) {
        findings.push(Finding::warning(
            CHECK,
            "the application gets the session cookie, with which it could act as the user",
            "Let the proxy remove the cookie from the request to the application",
        ));
    }
    let mut wrong = vec![];
    for forgery in forgeries() {
        let outcome = probe.send(&forgery, Some(cookie)).await;
        // A proxy may also refuse such a request.
        let Some(headers) = outcome.reached else {
            continue;
        };
        if let Some(name) = forged(&headers) {
            wrong.push(believed(&name, forgery.what));
        } else if IDENTITY.iter().any(|name| {
            *name != "authorization" && values(&headers, name) != values(&expected, name)
        }) {
            wrong.push(lost(forgery.what));
        }
    }
    if wrong.is_empty() {
        wrong.push(Finding::ok(
            CHECK,
            "no forged header reaches the application with a user's request",
        ));
    }
    findings.append(&mut wrong);
    (findings, true)
}

/// Checks that an ended session is refused at once.
pub async fn after_logout(probe: &Probe<'_>, cookie: &HeaderValue) -> Finding {
    for attempt in 0..MAX_ATTEMPTS {
        let outcome = probe.send_plain(Some(cookie)).await;
        if outcome.reached.is_none_or(|headers| is_stranger(&headers)) {
            let within = INTERVAL * attempt;
            return Finding::ok(
                CHECK,
                format!(
                    "an ended session is refused within {} ms",
                    within.as_millis()
                ),
            );
        }
        sleep(INTERVAL).await;
    }
    Finding::problem(
        CHECK,
        format!(
            "an ended session still reaches the application after {} s",
            (INTERVAL * MAX_ATTEMPTS).as_secs()
        ),
        "Turn off the proxy's cache for answers of /forward-auth",
    )
}

/// Returns the values of a header.
fn values<'h>(headers: &'h HeaderMap, name: &str) -> Vec<&'h [u8]> {
    headers
        .get_all(name)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect()
}

/// Returns whether a header is not there exactly once, with a value.
fn is_missing(headers: &HeaderMap, name: &str) -> bool {
    !matches!(values(headers, name).as_slice(), [value] if !value.is_empty() && *value != NOBODY.as_bytes() || name == "gatelodge-roles" && !value.is_empty())
}

/// Returns whether a request has the identity of a stranger.
fn is_stranger(headers: &HeaderMap) -> bool {
    IDENTITY
        .iter()
        .filter(|name| **name != "authorization")
        .all(|name| values(headers, name) == [NOBODY.as_bytes()])
        && !headers.contains_key(header::AUTHORIZATION)
}

/// Returns the name of a header with a forged value.
fn forged(headers: &HeaderMap) -> Option<String> {
    let is_forged = |value: &HeaderValue| {
        let value = value.as_bytes();
        value
            .windows(FORGED.len())
            .any(|window| window == FORGED.as_bytes())
    };
    // The query string may be in headers such as X-Forwarded-Uri.
    let is_query = |value: &HeaderValue| value.as_bytes().contains(&b'?');
    let found = headers
        .iter()
        .find(|(_, value)| is_forged(value) && !is_query(value));
    found.map(|(name, _)| name.as_str().to_owned())
}

/// Returns whether a request has the session cookie.
fn carries(headers: &HeaderMap, cookie: &HeaderValue) -> bool {
    let cookies = values(headers, "cookie");
    let cookie = cookie.as_bytes();
    cookies
        .iter()
        .any(|value| value.windows(cookie.len()).any(|window| window == cookie))
}

fn shown(outcome: &Outcome) -> String {
    match &outcome.status {
        Ok(status) => status.to_string(),
        Err(error) => error.clone(),
    }
}

fn unreachable(error: &str) -> Finding {
    Finding::problem(
        CHECK,
        format!("the proxy does not answer: {error}"),
        "Start it, or correct the URL",
    )
}

fn not_the_echo() -> Finding {
    Finding::problem(
        CHECK,
        "the proxy answered, but the request did not reach doctor",
        "Point the proxy's application to the address of --echo, or stop the application there",
    )
}

fn passed(what: &str) -> Finding {
    Finding::problem(
        CHECK,
        format!("a stranger reaches the application with: {what}"),
        "Compare the proxy's configuration with deploy/",
    )
}

fn believed(name: &str, what: &str) -> Finding {
    Finding::problem(
        CHECK,
        format!("the client's own header `{name}` reaches the application ({what})"),
        format!(
            "Let the proxy delete `{name}` from the client's request, in every spelling, as in deploy/"
        ),
    )
}

fn lost(what: &str) -> Finding {
    Finding::problem(
        CHECK,
        format!("the identity headers are missing or changed with: {what}"),
        "Let the proxy set the headers of Gatelodge's answer last, as in deploy/",
    )
}
