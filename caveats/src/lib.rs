#![doc = include_str!("../README.md")]

mod access;
mod bakery;
mod bundle;
mod caveat;
mod chain;
mod claims;
mod clear;
pub mod exported;
mod facts;
mod header;
mod hmac;
mod key;
pub mod limits;
mod macaroon;
mod predicate;
mod refusal;
pub mod scan;
mod scope;
mod seal;
mod verify;
mod wire;

pub use access::{Access, Locations, Package, Upload};
pub use bakery::BakeryMacaroon;
pub use bundle::{Bundle, TooManyDischarges};
pub use caveat::{Caveat, ThirdParty};
pub use chain::Tail;
pub use claims::Claims;
pub use clear::Cleared;
pub use facts::{Facts, Side};
pub use header::HeaderError;
pub use key::RootKey;
pub use macaroon::{LimitError, Macaroon};
pub use predicate::{
    Account, Channel, ChannelError, ChannelPattern, Kind, Network, Permission, Predicate, UnknownPermission,
};
pub use refusal::{Refusal, Shown};
pub use scope::Scope;
pub use timestamp::{Timestamp, TimestampError};
pub use verify::{Verified, VerifiedDischarge, VerifiedRoot, VerifyError, verify_alone, verify_root};
pub use wire::DecodeError;

#[cfg(test)]
mod tests;
