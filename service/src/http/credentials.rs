//! From the Authorization header to an untrusted bundle: the only place that reads it.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};
use caveats::Bundle;

use super::client_address::source;
use super::problem::{Code, Problem};

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
