//! Where a request came from: its peer, or what trusted proxies say of it.

use std::net::IpAddr;

use actix_web::HttpRequest;
use caveats::Network;

const FORWARDED: &str = "x-forwarded-for";

/// The networks of proxies that are believed about where a request came from. Data of the application.
#[derive(Debug, Clone)]
pub struct TrustedProxies(pub Vec<Network>);

/// The address that a request came from. What trusted proxies forwarded it for is read from the right, as each adds the
/// address it saw; the first that is no trusted proxy's is the one. `None` if a trusted proxy says nothing intelligible.
pub fn source(request: &HttpRequest) -> Option<IpAddr> {
    let TrustedProxies(networks) = request.app_data::<TrustedProxies>()?;
    let trusted = |address: IpAddr| networks.iter().any(|network| network.contains(address));
    let peer = request.peer_addr()?.ip();
    let forwarded = request.headers().get_all(FORWARDED).map(|value| value.to_str().unwrap_or_default());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    nearest_untrusted(peer, &hops, trusted)
}

fn nearest_untrusted(peer: IpAddr, hops: &[&str], trusted: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let mut nearest = peer;
    for hop in hops.iter().rev() {
        if !trusted(nearest) {
            return Some(nearest);
        }
        nearest = hop.parse::<IpAddr>().ok()?.to_canonical();
    }
    Some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed_and_only_about_the_next_hop() {
        let proxies = Network::parse("10.0.0.0/8").unwrap();
        let source = |peer: &str, hops: &[&str]| {
            let found = nearest_untrusted(peer.parse().unwrap(), hops, |address| proxies.contains(address));
            found.map(|address| address.to_string())
        };
        let some = |address: &str| Some(address.to_owned());
        assert_eq!(source("192.0.2.1", &[]), some("192.0.2.1"));
        assert_eq!(source("192.0.2.1", &["198.51.100.7"]), some("192.0.2.1"), "anybody can send the header");
        assert_eq!(source("10.0.0.1", &["198.51.100.7"]), some("198.51.100.7"));
        assert_eq!(source("10.0.0.1", &["203.0.113.9", "198.51.100.7", "10.0.0.2"]), some("198.51.100.7"));
        assert_eq!(source("10.0.0.1", &["::ffff:198.51.100.7"]), some("198.51.100.7"));
        assert_eq!(source("10.0.0.1", &["unknown"]), None);
        assert_eq!(source("10.0.0.1", &[]), some("10.0.0.1"));
    }
}
