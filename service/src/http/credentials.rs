//! From the Authorization header to an untrusted bundle: the only place that reads it.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};
use caveats::Bundle;

use super::problem::{Code, Problem};
use super::state::State;

const FORWARDED: &str = "x-forwarded-for";

/// A credential as it came, and where from. Nothing about it has been checked.
#[derive(Debug)]
pub struct Credentials {
    /// Root and discharges.
    pub bundle: Bundle,
    /// The address that the request came from.
    pub source: Option<IpAddr>,
}

impl FromRequest for Credentials {
    type Error = Problem;
    type Future = Ready<Result<Credentials, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request))
    }
}

fn read(request: &HttpRequest) -> Result<Credentials, Problem> {
    let header = request.headers().get(AUTHORIZATION).ok_or_else(missing)?;
    let bundle = header.to_str().map_err(|_| missing()).and_then(parse)?;
    Ok(Credentials { bundle, source: source(request) })
}

/// The address that a request came from. What trusted proxies forwarded it for is read from the right, as each adds the
/// address it saw; the first that is no trusted proxy's is the one. `None` if a trusted proxy says nothing intelligible.
pub fn source(request: &HttpRequest) -> Option<IpAddr> {
    let state = request.app_data::<web::Data<State>>()?;
    let trusted =
        |address: IpAddr| state.settings.trusted_proxies.iter().any(|proxies| proxies.contains(address));
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

/// Reads the value of an Authorization header in any client's grammar.
pub fn parse(value: &str) -> Result<Bundle, Problem> {
    Bundle::from_header(value).map_err(|error| {
        Problem::new(
            Code::MacaroonAuthorizationRequired,
            format!("The Authorization header does not hold a macaroon that can be read: {error}."),
        )
        .with("realm", "Devportal")
    })
}

fn missing() -> Problem {
    Problem::new(
        Code::MacaroonAuthorizationRequired,
        "The request is missing an Authorization header field containing a valid macaroon",
    )
    .with("realm", "Devportal")
}

#[cfg(test)]
mod tests {
    use super::*;
    use caveats::Network;

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
