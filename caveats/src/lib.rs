//! The macaroons of a software store: minting, attenuating, discharging, binding, verifying and clearing them.
//!
//! The crate is pure. It reads no clock, no randomness, no socket, no file and no environment, and it logs nothing:
//! bytes and facts in, verdicts out.
//!
//! A credential is a *root*, which says what may be done, and a *discharge*, in which the single sign-on says who is
//! doing it. A client keeps the discharge as it got it and binds a copy to the root for each request. Whoever holds a
//! credential can narrow it by adding caveats, offline, and nobody can remove one.
//!
//! Each step needs the proof of the one before, so that none can be skipped: an untrusted [`Bundle`] is verified, which
//! gives a [`Verified`]; that is cleared against an [`Access`], which gives a [`Cleared`].
//!
//! Credentials in files, headers and leaks: [`exported`] reads and writes every shape in which one is kept, [`scan`]
//! finds them in any text, and [`BakeryMacaroon`] is the JSON in which a bakery sends a macaroon.
//!
//! # The whole life of a credential
//!
//! ```
//! use caveats::{
//!     Access, Bundle, Locations, Macaroon, Package, Permission, Predicate, Refusal, RootKey, Timestamp, Upload,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let locations = Locations { store: "store.example", sso: "sso.example" };
//! let root_key = RootKey::derive(b"32 random bytes, kept by the store");
//! let caveat_key = RootKey::derive(b"24 random bytes, made per root");
//!
//! // The store mints a root, and asks the single sign-on to vouch for the holder. The caveat's id is what the third
//! // party needs to find the caveat key; the nonce is random.
//! let mut root = Macaroon::mint(&root_key, locations.store, "1.key.token")?;
//! root.attenuate_third_party(locations.sso, "sealed for the sso", &caveat_key, [7; 24])?;
//! let acl = Predicate::Acl(vec![Permission::PackagePush, Permission::PackageRelease]);
//! root.attenuate(&acl.encode(locations.store))?;
//!
//! // After a login, the single sign-on discharges that caveat.
//! let mut discharge = Macaroon::mint(&caveat_key, locations.sso, "sealed for the sso")?;
//! discharge.attenuate(&Predicate::Expires("2026-12-24T18:00:00".parse()?).encode(locations.sso))?;
//!
//! // A publisher narrows the credential for a pipeline, offline and without any key, and sends it.
//! root.attenuate(&Predicate::Channels(vec!["edge".into()]).encode(locations.store))?;
//! let header = Bundle::new(root, vec![discharge])?.bound().to_header();
//!
//! // The store reads it, checks that it is genuine, and judges what is attempted.
//! let verified = Bundle::from_header(&header)?.verify(&root_key)?;
//! let release = Access {
//!     now: "2026-11-23T20:00:00".parse()?,
//!     permissions: &[Permission::PackageRelease],
//!     package: Package::Id("JWtSrkcfA6kNsYZ5nb2pTnmYFf0mUOyX"),
//!     channels: &["latest/edge".parse()?],
//!     upload: Upload::None,
//!     source: None,
//! };
//! let cleared = verified.clear(&locations, &release)?;
//! assert_eq!(cleared.facts().identifier, "1.key.token");
//! assert_eq!(cleared.root_fingerprints().len(), 4); // the identifier and three caveats
//!
//! // Another channel is refused, in a sentence.
//! let elsewhere = Access { channels: &["stable".parse()?], ..release };
//! let refusal = verified.clear(&locations, &elsewhere).unwrap_err();
//! assert_eq!(refusal.to_string(), "the credential allows channels edge, not latest/stable");
//! assert_eq!(refusal.kind(), "channel");
//! # Ok(())
//! # }
//! ```
//!
//! # What is left to the caller
//!
//! - randomness: keys, caveat keys and nonces are arguments;
//! - the key for a root, found by [`Macaroon::identifier`];
//! - the clock, and every other fact in [`Access`];
//! - revocation: [`Cleared`] carries the fingerprints to ask about;
//! - an `acl` in every root that is minted. A root without one clears nothing, but that guards against a mistake of the
//!   issuer and not against a holder, who could append one.

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
