//! PostgreSQL URLs as libpq reads them: several hosts, IPv6 addresses in brackets, sockets.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

use secrecy::SecretString;
use url::form_urlencoded;

use super::inspect::is_local_host;
use crate::config::values::redacted::REDACTED;

/// The error message for a text that is not a URL.
pub(crate) const INVALID_URL: &str =
    "is not a valid URL. Percent-encode special characters in the password";

/// The parts of a URL. All are percent-encoded.
pub(crate) struct PostgresUrl {
    user: Option<String>,
    password: Option<String>,
    hosts: Vec<Host>,
    /// The path, with its leading slash.
    path: String,
    /// The parameters that go to the driver unchanged.
    parameters: Vec<(String, String)>,
    /// Whether the URL leads to PgBouncer.
    pub(crate) pgbouncer: bool,
}

/// A host name, an address without brackets, or a socket's folder. The name is `None` if the URL's authority has none:
/// then the parameter `host` must name it.
#[derive(Clone)]
struct Host {
    name: Option<String>,
    port: Option<u16>,
}

impl PostgresUrl {
    /// Parses a URL. The error does not repeat it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (_, rest) = text.split_once("://").ok_or(INVALID_URL)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let (user_info, hosts) = match authority.rsplit_once('@') {
            Some((user_info, hosts)) => (Some(user_info), hosts),
            None => (None, authority),
        };
        let (user, password) = match user_info.map(|info| info.split_once(':').ok_or(info)) {
            None => (None, None),
            Some(Err(user)) => (Some(user), None),
            Some(Ok((user, password))) => (Some(user), Some(password)),
        };
        let hosts = hosts.split(',').map(Host::parse);
        let mut url = Self {
            user: user.filter(|user| !user.is_empty()).map(escaped),
            password: password.map(escaped),
            hosts: hosts.collect::<Result<_, _>>()?,
            path: escaped(path),
            parameters: vec![],
            pgbouncer: false,
        };
        url.read_parameters(query)?;
        if url.hosts.iter().any(|host| host.name.is_none()) {
            return Err("names no host, or an empty one. Write a host after the @".to_owned());
        }
        Ok(url)
    }

    fn read_parameters(&mut self, query: &str) -> Result<(), String> {
        let mut ports = None;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "host" => {
                    let folder = value.starts_with('/');
                    let hosts = value.split(',').map(|name| {
                        if folder || name.starts_with('/') {
                            Ok(Host::named(name))
                        } else {
                            Host::parse_name(name)
                        }
                    });
                    self.hosts = hosts.collect::<Result<_, String>>()?;
                }
                "hostaddr" => {
                    let is_address = |name: &&str| name.parse::<IpAddr>().is_ok();
                    if !value.split(',').all(|name| is_address(&name)) {
                        return Err(
                            "`hostaddr` must be one or more IP addresses, comma-separated"
                                .to_owned(),
                        );
                    }
                    self.hosts = value.split(',').map(Host::named).collect();
                }
                "port" => ports = Some(value.into_owned()),
                "pgbouncer" => self.pgbouncer = value == "true",
                "target_session_attrs" => {}
                _ => self
                    .parameters
                    .push((name.into_owned(), value.into_owned())),
            }
        }
        if let Some(ports) = ports {
            self.set_ports(&ports)?;
        }
        Ok(())
    }

    /// Sets each host's own port, or the same port for all hosts.
    fn set_ports(&mut self, ports: &str) -> Result<(), String> {
        let ports: Vec<u16> = ports
            .split(',')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| "`port` must be one number, or one for each host".to_owned())?;
        if ports.len() != 1 && ports.len() != self.hosts.len() {
            return Err("`port` must be one number, or one for each host".to_owned());
        }
        for (host, port) in self.hosts.iter_mut().zip(ports.iter().cycle()) {
            host.port = Some(*port);
        }
        Ok(())
    }

    /// Returns one URL for each host, in order. The authority is empty and everything is in the query: in the authority
    /// the driver would keep an IPv6 address's brackets, and would refuse a user without a host.
    pub(crate) fn servers(&self) -> Vec<SecretString> {
        let server = |host: &Host| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            let mut raw = vec![];
            if let Some(user) = &self.user {
                raw.push(format!("user={user}"));
            }
            if let Some(password) = &self.password {
                raw.push(format!("password={password}"));
            }
            if let Some(name) = &host.name {
                raw.push(format!("host={name}"));
            }
            if let Some(port) = host.port {
                raw.push(format!("port={port}"));
            }
            for (name, value) in &self.parameters {
                query.append_pair(name, value);
            }
            raw.push(query.finish());
            raw.retain(|part| !part.is_empty());
            let path = if self.path.is_empty() {
                "/"
            } else {
                &self.path
            };
            format!("postgres://{path}?{}", raw.join("&")).into()
        };
        self.hosts.iter().map(server).collect()
    }
}

impl PostgresUrl {
    /// Returns whether the URL has a password.
    pub(crate) fn has_password(&self) -> bool {
        let parameter = || self.parameters.iter().any(|(name, _)| name == "password");
        self.password.is_some() || parameter()
    }

    /// Returns whether all servers are on this machine, or reached by a socket.
    pub(crate) fn is_local(&self) -> bool {
        self.hosts.iter().all(|host| {
            let name = host.name.as_deref().unwrap_or_default();
            name.starts_with('/') || name.starts_with("%2F") || is_local_host(name)
        })
    }

    /// Returns the URL with `[redacted]` in place of its password and its options.
    pub(crate) fn redacted(&self) -> String {
        let shown = self.to_string();
        let user = self.user.as_deref().unwrap_or_default();
        let credentials = match &self.password {
            Some(_) => format!("{user}:{REDACTED}@"),
            None if user.is_empty() => String::new(),
            None => format!("{user}@"),
        };
        let rest = shown.trim_start_matches("postgres://");
        let parameters = self
            .parameters
            .iter()
            .map(|(name, value)| match name.as_str() {
                "password" | "options" => format!("{name}={REDACTED}"),
                _ => format!("{name}={value}"),
            });
        let pgbouncer = self.pgbouncer.then(|| "pgbouncer=true".to_owned());
        let parameters: Vec<_> = parameters.chain(pgbouncer).collect();
        let mark = if parameters.is_empty() { "" } else { "?" };
        format!(
            "postgres://{credentials}{rest}{mark}{}",
            parameters.join("&")
        )
    }
}

impl Host {
    fn named(name: &str) -> Self {
        Self {
            name: Some(form_urlencoded::byte_serialize(name.as_bytes()).collect()),
            port: None,
        }
    }

    /// Parses `host`, `host:port`, `[::1]`, `[::1]:port` or an empty text.
    fn parse(text: &str) -> Result<Self, String> {
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => (name, Some(port)),
            _ => (text, None),
        };
        let port = port.filter(|port| !port.is_empty());
        let port = port.map(str::parse).transpose().map_err(|_| INVALID_URL)?;
        let mut host = Self::parse_name(name)?;
        host.port = port;
        Ok(host)
    }

    fn parse_name(name: &str) -> Result<Self, String> {
        if let Some(address) = name.strip_prefix('[') {
            let address = address.strip_suffix(']').ok_or(INVALID_URL)?;
            let address: Ipv6Addr = address.parse().map_err(|_| INVALID_URL)?;
            return Ok(Self {
                name: Some(address.to_string()),
                port: None,
            });
        }
        if let Ok(address) = name.parse::<Ipv6Addr>() {
            return Ok(Self {
                name: Some(address.to_string()),
                port: None,
            });
        }
        if name.contains(':') {
            return Err(
                "must have IPv6 addresses in brackets, and numbers as ports, like [::1]:5432"
                    .to_owned(),
            );
        }
        if name.contains(|c: char| c.is_whitespace() || "@[]<>\"\\^`{|}".contains(c)) {
            return Err(INVALID_URL.to_owned());
        }
        Ok(Self {
            name: (!name.is_empty()).then(|| escaped(name)),
            port: None,
        })
    }
}

/// Escapes the characters that have a meaning in a query.
fn escaped(encoded: &str) -> String {
    encoded
        .replace('+', "%2B")
        .replace('&', "%26")
        .replace('#', "%23")
        .replace('?', "%3F")
}

/// Shows hosts and database, without user, password and options.
impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        for (at, host) in self.hosts.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            let name = host.name.as_deref().unwrap_or_default();
            if name.contains(':') {
                write!(f, "[{name}]")?;
            } else {
                f.write_str(&name.replace("%2F", "/"))?;
            }
            if let Some(port) = host.port {
                write!(f, ":{port}")?;
            }
        }
        f.write_str(&self.path)
    }
}
