//! JSON, each form read by one call of the crate, with errors as text.

use caveats::{BakeryMacaroon, Macaroon};

/// V2-JSON and V1-JSON.
pub(crate) fn from_json(text: &str) -> Result<Macaroon, String> {
    Macaroon::parse(text).map_err(|error| error.to_string())
}

/// The bakery's wrapper, or V2-JSON or V1-JSON without one.
pub(crate) fn from_bakery(text: &str) -> Result<Macaroon, String> {
    BakeryMacaroon::from_json(text).map(|bakery| bakery.macaroon).map_err(|error| error.to_string())
}
