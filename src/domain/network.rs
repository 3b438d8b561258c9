//! The networks of a client address, which per-source limits count.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network that counts as one source.
///
/// For IPv4 it is the address. For IPv6 it is one of three prefixes: the /64 that a host chooses its addresses from,
/// and the /56 and the /48 that providers delegate to one customer (RFC 6177).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network {
    /// The address with its host bits cleared.
    octets: [u8; 16],
    /// How many octets belong to the prefix.
    length: usize,
}

/// The IPv6 prefixes in octets, narrowest first, and how many times the limit of a /64 each may use.
const PREFIXES: [(usize, u32); 3] = [(8, 1), (7, 2), (6, 4)];

impl Network {
    /// Returns the narrowest network of an address: the IPv4 address or the IPv6 /64.
    pub fn of(address: IpAddr) -> Self {
        match canonical(address) {
            IpAddr::V4(address) => Self::new(&address.octets()),
            IpAddr::V6(address) => Self::new(&address.octets()[..PREFIXES[0].0]),
        }
    }

    /// Returns the widest network of an address: the IPv4 address or the IPv6 /48.
    pub fn widest_of(address: IpAddr) -> Self {
        match canonical(address) {
            IpAddr::V4(address) => Self::new(&address.octets()),
            IpAddr::V6(address) => Self::new(&address.octets()[..PREFIXES[2].0]),
        }
    }

    /// Returns all networks of an address, narrowest first, each with the factor by which its limit is higher.
    pub fn all_of(address: IpAddr) -> Vec<(Self, u32)> {
        match canonical(address) {
            IpAddr::V4(address) => vec![(Self::new(&address.octets()), 1)],
            IpAddr::V6(address) => PREFIXES
                .iter()
                .map(|&(length, factor)| (Self::new(&address.octets()[..length]), factor))
                .collect(),
        }
    }

    /// Returns the octets of the prefix: 4 for IPv4; 8, 7 or 6 for IPv6.
    pub fn as_bytes(&self) -> &[u8] {
        &self.octets[..self.length]
    }

    fn new(prefix: &[u8]) -> Self {
        let mut octets = [0; 16];
        octets[..prefix.len()].copy_from_slice(prefix);
        Self {
            octets,
            length: prefix.len(),
        }
    }
}

/// Returns the IPv4 address that an IPv6 address stands for, or the address itself.
///
/// Translators and tunnels put all IPv4 clients of the Internet into a few IPv6 networks. Counted by those, one client
/// would use up the limit of all others.
fn canonical(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address.to_canonical() else {
        return address.to_canonical();
    };
    embedded(v6).map_or(IpAddr::V6(v6), IpAddr::V4)
}

fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        // NAT64 (RFC 6052, section 2.1); 6to4 (RFC 3056), the IPv4 address of the site's router.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some(v4(high, low)),
        // Teredo (RFC 4380, section 4): the client's IPv4 address, inverted.
        [0x2001, 0, .., high, low] => Some(v4(!high, !low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_ipv6_address_has_three_networks_each_with_its_factor() {
        let all = Network::all_of(address("2001:db8:1:2345:6::7"));
        let all: Vec<_> = all
            .iter()
            .map(|(network, factor)| (network.as_bytes().to_vec(), *factor))
            .collect();
        let octets = [0x20, 0x01, 0x0d, 0xb8, 0, 1, 0x23, 0x45];
        assert_eq!(
            all,
            [
                (octets.to_vec(), 1),
                (octets[..7].to_vec(), 2),
                (octets[..6].to_vec(), 4)
            ]
        );
        let source = address("2001:db8:1:2345:6::7");
        assert_eq!(Network::of(source).as_bytes(), octets);
        assert_eq!(Network::widest_of(source).as_bytes(), &octets[..6]);
    }

    #[test]
    fn hosts_of_one_64_are_one_network_and_other_64s_are_others() {
        let [one, two, other] = ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"]
            .map(|text| Network::of(address(text)));
        assert_eq!(one, two);
        assert_ne!(one, other);
        let [near, far] =
            ["2001:db8:0:1::1", "2001:db8:1::1"].map(|text| Network::widest_of(address(text)));
        assert_eq!(Network::widest_of(address("2001:db8::1")), near);
        assert_ne!(near, far);
    }

    #[test]
    fn an_embedded_ipv4_address_is_the_network() {
        for text in [
            "192.0.2.33",
            "::ffff:192.0.2.33",
            "64:ff9b::192.0.2.33",
            "64:ff9b::c000:221",
            "2002:c000:221::1",
            "2002:c000:221:5::1",
            // RFC 4380's layout: server 65.54.227.120, flags, port, and the client inverted.
            "2001:0:4136:e378:8000:63bf:3fff:fdde",
        ] {
            let all = Network::all_of(address(text));
            assert_eq!(all.len(), 1, "{text}");
            assert_eq!(all[0].0.as_bytes(), [192, 0, 2, 33], "{text}");
            assert_eq!(Network::of(address(text)), all[0].0, "{text}");
            assert_eq!(Network::widest_of(address(text)), all[0].0, "{text}");
        }
    }

    #[test]
    fn addresses_that_only_resemble_a_translators_prefix_stay_ipv6() {
        for text in [
            "64:ff9b:1::192.0.2.33",
            "64:ff9b::1:0:192.0.2.33",
            "65:ff9b::192.0.2.33",
            "2003:c000:221::1",
            "2001:1::1",
            "2001:db8::c000:221",
        ] {
            assert_eq!(Network::all_of(address(text)).len(), 3, "{text}");
            assert_eq!(Network::of(address(text)).as_bytes().len(), 8, "{text}");
        }
    }
}
