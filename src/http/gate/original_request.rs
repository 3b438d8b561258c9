//! The original request: the one that a proxy has received and asks forward-auth about.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};

use crate::config::gate::OriginalMethod;

const FORWARDED_METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_URI: HeaderName = HeaderName::from_static("x-forwarded-uri");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What is known of the original request.
pub struct OriginalRequest<'r> {
    /// The headers, which the proxy has copied from the original request.
    pub headers: &'r HeaderMap,
    /// Whether the peer is a trusted proxy. Only then X-Forwarded headers count.
    pub is_from_proxy: bool,
    kind: Kind,
}

/// The kinds of methods that forward-auth treats differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// GET or HEAD.
    Read,
    Options,
    /// Any other known method.
    Unsafe,
    /// Nobody who is trusted has named it. It counts as unsafe.
    Unknown,
}

impl<'r> OriginalRequest<'r> {
    /// Reads the original method as a policy demands.
    ///
    /// A proxy's request for forward-auth is usually a GET, whatever the original method is. Without a method from a
    /// trusted proxy, every cross-site POST would count as a safe GET.
    pub fn new(head: &'r Parts, is_from_proxy: bool, method: OriginalMethod) -> Self {
        let kind = match method {
            OriginalMethod::Request => Kind::of(head.method.as_str().as_bytes()),
            OriginalMethod::Forwarded if is_from_proxy => {
                only(&head.headers, &FORWARDED_METHOD).map_or(Kind::Unknown, Kind::of)
            }
            OriginalMethod::Forwarded => Kind::Unknown,
        };
        Self {
            headers: &head.headers,
            is_from_proxy,
            kind,
        }
    }

    /// Returns whether the request changes nothing (RFC 9110, section 9.2.1), so that other sites may cause it.
    ///
    /// A WebSocket's handshake is a GET, but the socket that follows can do anything. Other sites may not open one in the
    /// user's name (cross-site WebSocket hijacking).
    pub fn is_safe(&self) -> bool {
        matches!(self.kind, Kind::Read | Kind::Options) && !self.is_websocket()
    }

    /// Returns whether nobody who is trusted has named the method.
    pub fn has_unknown_method(&self) -> bool {
        self.kind == Kind::Unknown
    }

    /// Returns whether the request is a CORS preflight (Fetch standard, section 4.8).
    pub fn is_preflight(&self) -> bool {
        self.kind == Kind::Options
            && only(self.headers, &header::ORIGIN).is_some()
            && only(self.headers, &header::ACCESS_CONTROL_REQUEST_METHOD).is_some()
    }

    /// Returns whether a browser opens a page, and does not fetch data for one.
    pub fn is_navigation(&self) -> bool {
        only(self.headers, &FETCH_MODE) == Some(b"navigate")
    }

    /// Returns whether a browser follows a link from another site: a navigation that has no Origin.
    pub fn is_link_from_another_site(&self) -> bool {
        self.is_navigation()
            && !self.headers.contains_key(header::ORIGIN)
            && matches!(
                only(self.headers, &FETCH_SITE),
                Some(b"cross-site" | b"same-site")
            )
    }

    /// Returns scheme, host and target of the original URL, if a trusted proxy has named each of them once.
    pub fn url(&self) -> Option<(&'r str, &'r str, &'r str)> {
        let text = |name| {
            let value = only(self.headers, name).filter(|_| self.is_from_proxy)?;
            std::str::from_utf8(value).ok()
        };
        Some((
            text(&FORWARDED_PROTO)?,
            text(&FORWARDED_HOST)?,
            text(&FORWARDED_URI)?,
        ))
    }

    fn is_websocket(&self) -> bool {
        let names_websocket = |value: &HeaderValue| {
            let value = value.as_bytes();
            value
                .windows(9)
                .any(|part| part.eq_ignore_ascii_case(b"websocket"))
        };
        self.headers.contains_key(header::SEC_WEBSOCKET_KEY)
            || self
                .headers
                .get_all(header::UPGRADE)
                .iter()
                .any(names_websocket)
            || self.headers.get_all(FETCH_MODE).iter().any(names_websocket)
    }
}

impl Kind {
    /// Returns the kind of a method. Methods are case-sensitive (RFC 9110, section 9.1), so `get` is no GET.
    fn of(method: &[u8]) -> Self {
        match method {
            b"GET" | b"HEAD" => Self::Read,
            b"OPTIONS" => Self::Options,
            method if is_known(method) => Self::Unsafe,
            _ => Self::Unknown,
        }
    }
}

fn is_known(method: &[u8]) -> bool {
    let others = [
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::TRACE,
        Method::CONNECT,
    ];
    others
        .iter()
        .any(|known| known.as_str().as_bytes() == method)
}

/// Returns the value of a header that occurs exactly once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h [u8]> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.as_bytes())
}
