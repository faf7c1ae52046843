//! Networks in CIDR notation, as the `source_ip` caveat lists them.

use std::net::{IpAddr, Ipv6Addr};

/// A network, `192.0.2.0/24` or `2001:db8::/32`; a single address is a network of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// `None` for another form, a prefix that is too long or has a leading zero or sign, or an address with bits set
    /// beyond its prefix: `10.1.2.3/8` may mean either of two things. IPv4 written as IPv6 is IPv4.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address.parse::<IpAddr>().ok()?, Some(prefix_length(prefix)?)),
            None => (text.parse::<IpAddr>().ok()?, None),
        };
        let prefix = prefix.unwrap_or_else(|| width(address));
        if prefix > width(address) || masked(address, prefix) != bits(address) {
            return None;
        }
        match (address.to_canonical(), address) {
            (IpAddr::V4(short), IpAddr::V6(_)) if prefix >= MAPPED_PREFIX => {
                Some(Self { address: short.into(), prefix: prefix - MAPPED_PREFIX })
            }
            _ => Some(Self { address, prefix }),
        }
    }

    /// Whether the address is in the network. An address that is IPv4 written as IPv6 counts as IPv4.
    pub fn contains(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && masked(address, self.prefix) == bits(self.address)
    }

    /// Whether every address of this network is in the other one.
    pub fn is_within(self, other: Self) -> bool {
        self.prefix >= other.prefix && other.contains(self.address)
    }
}

fn prefix_length(text: &str) -> Option<u8> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The address as a number that starts at the top bit, so that both families mask alike.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(short) => u128::from(short.to_bits()) << 96,
        IpAddr::V6(long) => Ipv6Addr::to_bits(long),
    }
}

fn masked(address: IpAddr, prefix: u8) -> u128 {
    let keep = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
    bits(address) & keep
}

/// `::ffff:0:0/96`.
const MAPPED_PREFIX: u8 = 96;

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, address: &str) -> bool {
        Network::parse(network).unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn an_address_is_in_its_network_and_not_in_the_next() {
        assert!(contains("192.0.2.0/24", "192.0.2.255"));
        assert!(!contains("192.0.2.0/24", "192.0.3.0"));
        assert!(contains("192.0.2.7", "192.0.2.7"));
        assert!(!contains("192.0.2.7/32", "192.0.2.6"));
        assert!(contains("0.0.0.0/0", "203.0.113.9"));
        assert!(contains("2001:db8::/33", "2001:db8:7fff::1"));
        assert!(!contains("2001:db8::/33", "2001:db8:8000::1"));
        assert!(contains("::/0", "2001:db8::1"));
        assert!(contains("2001:db8::1", "2001:db8::1"));
    }

    #[test]
    fn families_do_not_mix_but_mapped_addresses_are_ipv4() {
        assert!(!contains("::/0", "192.0.2.1"));
        assert!(!contains("0.0.0.0/0", "2001:db8::1"));
        assert!(contains("192.0.2.0/24", "::ffff:192.0.2.9"));
        assert!(contains("::ffff:192.0.2.0/120", "192.0.2.9"));
        assert!(!contains("::ffff:192.0.2.0/120", "192.0.3.9"));
    }

    #[test]
    fn a_network_is_within_itself_and_wider_ones() {
        let within = |inner, outer| Network::parse(inner).unwrap().is_within(Network::parse(outer).unwrap());
        assert!(within("192.0.2.0/24", "192.0.2.0/24"));
        assert!(within("192.0.2.7", "192.0.2.0/24"));
        assert!(within("2001:db8::/48", "2001:db8::/32"));
        assert!(!within("192.0.2.0/23", "192.0.2.0/24"));
        assert!(!within("192.0.3.0/25", "192.0.2.0/24"));
        assert!(!within("::/0", "0.0.0.0/0"));
    }

    #[test]
    fn ambiguous_or_broken_networks_are_refused() {
        for text in [
            "",
            "/",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.1.2.3/8",
            "::1/129",
            "10.0.0.0/+8",
            "10.0.0.0/08",
            "10/8",
            "a",
        ] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
