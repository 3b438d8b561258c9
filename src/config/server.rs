//! The addresses where Gatelodge listens, its connections, and its shutdown.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    str::FromStr,
    time::Duration,
};

use clap::Args;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::{ConfigError, values::duration};

/// The settings of listeners and connections.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Listeners")]
pub struct ServerConfig {
    /// Address and port for browsers and services
    #[arg(long, env = "GATELODGE_LISTEN", default_value = "127.0.0.1:8000")]
    pub listen: SocketAddr,

    /// Address and port of the admin listener, for detailed health and metrics. `off` turns it off
    #[arg(long, env = "GATELODGE_ADMIN_LISTEN", default_value = "127.0.0.1:8001")]
    pub admin_listen: AdminListen,

    /// Do not migrate the database at start
    #[arg(long, env = "GATELODGE_NO_MIGRATE", num_args = 0..=1, default_value = "false", default_missing_value = "true", value_parser = clap::builder::BoolishValueParser::new())]
    pub no_migrate: bool,

    /// How long a shutdown still accepts new requests, so that requests on their way are answered
    #[arg(long, env = "GATELODGE_SHUTDOWN_LINGER", default_value = "1s", value_parser = humantime::parse_duration)]
    pub shutdown_linger: Duration,

    /// How long a shutdown waits for running requests
    #[arg(long, env = "GATELODGE_SHUTDOWN_GRACE", default_value = "30s", value_parser = duration::parse)]
    pub shutdown_grace: Duration,

    /// Proxies whose X-Request-Id and X-Forwarded headers (-For, and for forward-auth -Method, -Proto, -Host, -Uri) are
    /// trusted, comma-separated: addresses, or networks of /8 (IPv6: /16) or narrower. `any` alone trusts every client
    #[arg(
        long,
        env = "GATELODGE_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_parser = network
    )]
    pub trusted_proxies: Vec<IpNet>,

    /// Host names that the admin listener accepts, comma-separated, in addition to `localhost` and IP addresses
    #[arg(long, env = "GATELODGE_ADMIN_HOSTS", value_delimiter = ',', value_parser = host_name)]
    pub admin_hosts: Vec<String>,

    /// Timeout for a client to send a request's headers or to read a response, and for an idle connection
    #[arg(long, env = "GATELODGE_HEADER_TIMEOUT", default_value = "30s", value_parser = duration::parse)]
    pub header_timeout: Duration,

    /// Maximum number of open connections. Further ones wait to be accepted
    #[arg(long, env = "GATELODGE_MAX_CONNECTIONS", default_value = "10000", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_connections: u32,

    /// Maximum number of open connections from one address (IPv6: one /64). Further ones are closed. Trusted proxies
    /// have no such limit [default: half of --max-connections]
    #[arg(long, env = "GATELODGE_MAX_CONNECTIONS_PER_SOURCE", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_connections_per_source: Option<u32>,
}

impl ServerConfig {
    /// Refuses `any` beside other proxies, and adds all of IPv6 to it: the parser reads it as all of IPv4.
    pub fn resolve(&mut self) -> Result<(), ConfigError> {
        let any = IpNet::from(ANY_IPV4);
        if !self.trusted_proxies.contains(&any) {
            return Ok(());
        }
        if self.trusted_proxies.len() > 1 {
            return Err(ConfigError {
                setting: "GATELODGE_TRUSTED_PROXIES",
                problem: format!(
                    "{ANY} trusts every client: write it alone, or list proxies without it"
                ),
            });
        }
        self.trusted_proxies.push(Ipv6Net::default().into());
        Ok(())
    }

    /// Returns the maximum number of open connections from one source.
    pub fn max_connections_per_source(&self) -> u32 {
        self.max_connections_per_source
            .unwrap_or_else(|| self.max_connections.div_ceil(2))
    }

    /// Returns the settings of the admin listener. It has its own limits and trusts no proxy.
    #[must_use]
    pub fn for_admin(&self) -> Self {
        Self {
            max_connections: self.max_connections.min(MAX_ADMIN_CONNECTIONS),
            max_connections_per_source: None,
            trusted_proxies: vec![],
            ..self.clone()
        }
    }
}

/// Maximum connections of the admin listener. Few programs scrape and check it, and it must not use up the file
/// descriptors that browsers' connections need.
pub const MAX_ADMIN_CONNECTIONS: u32 = 100;

/// The value that trusts every client.
const ANY: &str = "any";
/// The network that the parser returns for [`ANY`].
const ANY_IPV4: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 0);
/// Shortest prefix of a trusted IPv4 network: the widest private network is 10.0.0.0/8.
const MIN_PREFIX_IPV4: u8 = 8;
/// Shortest prefix of a trusted IPv6 network.
const MIN_PREFIX_IPV6: u8 = 16;

/// Parses a network, or an address, which is a network of one.
///
/// A network with half of the internet in it is almost always a mistake: every client in it can choose the address
/// that the throttle counts.
fn network(text: &str) -> Result<IpNet, String> {
    if text == ANY {
        return Ok(ANY_IPV4.into());
    }
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    let network: IpNet = text.parse().or_else(|_| address()).map_err(|_| {
        "is not an IP address or network. Write it like 10.0.0.1 or 10.0.0.0/8".to_owned()
    })?;
    let network = unmapped(network);
    let min_prefix = match network {
        IpNet::V4(_) => MIN_PREFIX_IPV4,
        IpNet::V6(_) => MIN_PREFIX_IPV6,
    };
    if network.prefix_len() < min_prefix {
        return Err(format!(
            "{network} is wider than /{min_prefix}. List only your proxies, or write the single word {ANY}"
        ));
    }
    Ok(network)
}

/// Returns an IPv4-mapped IPv6 network as its IPv4 network, because peers are compared by their IPv4 addresses.
fn unmapped(network: IpNet) -> IpNet {
    let IpNet::V6(mapped) = network else {
        return network;
    };
    let prefix = mapped.prefix_len().checked_sub(96);
    let address = mapped.addr().to_ipv4_mapped();
    match (address, prefix) {
        (Some(address), Some(prefix)) => Ipv4Net::new(address, prefix).map_or(network, IpNet::from),
        _ => network,
    }
}

/// Parses a host name as in a Host header, without a port.
fn host_name(text: &str) -> Result<String, String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if text.is_empty() || !text.bytes().all(is_plain) {
        return Err(
            "is not a host name. Write host names without ports, like gatelodge.internal"
                .to_owned(),
        );
    }
    Ok(text.to_ascii_lowercase())
}

/// The admin listener's address, if it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminListen {
    /// There is no admin listener.
    Off,
    /// It listens at this address.
    At(SocketAddr),
}

impl fmt::Display for AdminListen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::At(address) => address.fmt(f),
        }
    }
}

impl FromStr for AdminListen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "off" {
            return Ok(Self::Off);
        }
        text.parse().map(Self::At).map_err(|_| {
            "is not a listen address. Write ADDRESS:PORT, like 127.0.0.1:8001, or off".to_owned()
        })
    }
}
