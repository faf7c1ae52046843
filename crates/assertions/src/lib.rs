//! snapd's assertions: signed documents with which a store and its publishers vouch for files, keys and names.
//!
//! The crate reads, verifies, signs and follows them, byte for byte as snapd does. It reads no clock, no file and no
//! socket, and it logs nothing: bytes, keys and moments in, facts out. Randomness it takes from the system, for one thing:
//! to make a key.
//!
//! An assertion is a block of headers, perhaps a body, and a signature over both as they stand. So [`Assertion`] keeps
//! the text it was made from, and each step adds a belief:
//!
//! 1. [`Assertion::decode`]: it is a document, within [`limits`]. Nobody has said that anything in it is true.
//! 2. [`SnapBuild::read`] and its like: it has the headers that its type demands, as values.
//! 3. [`Assertion::verify`]: it was signed with this key, which it names.
//! 4. Whose key is it, and was it good at that time? The caller knows its keys. A device knows one, and asks [`Chain`].
//!
//! # From a publisher's key to a device's belief
//!
//! ```
//! use assertions::{
//!     AccountKeyRequest, Assertion, Chain, NewAccount, NewAccountKey, NewAccountKeyRequest, NewSnapBuild,
//!     NewSnapDeclaration, NewSnapRevision, PrivateKey, SnapBuild, ValidationStatus,
//! };
//! use timestamp::Timestamp;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let now: Timestamp = "2026-11-24T20:30:00".parse()?;
//! let (ada, hello) = ("J3KsnwZM9nSA3Cj6Hp8EeCF3XbvuNdJj", "buPKUD3TKqCOgLEjjHx5kSiCpIs5cMuQ");
//!
//! // A publisher asks the store to take a key. (This is what `snap export-key --account` prints.)
//! let build_key = PrivateKey::generate(2048)?;
//! let public_key = build_key.public();
//! let request = NewAccountKeyRequest { account_id: ada, name: "default", since: now, until: None, public_key };
//! let received = request.draft().sign(&build_key, now)?.as_str().to_owned();
//!
//! // The store reads it. The signature proves that whoever asks has the key, and nothing about who that is.
//! let request = AccountKeyRequest::read(Assertion::decode(received.as_bytes())?)?;
//! request.verify()?;
//! assert_eq!((request.account_id(), request.name()), (ada, "default"));
//!
//! // The publisher signs a build: `snap sign-build`. The store checks it with the key that it has kept.
//! let (digest, size) = ([7; 48], 4096);
//! let build = NewSnapBuild { authority: ada, snap_id: hello, digest: &digest, size, grade: "stable", timestamp: now };
//! let received = build.draft().sign(&build_key, now)?.as_str().to_owned();
//! let build = SnapBuild::read(Assertion::decode(received.as_bytes())?)?;
//! build.assertion().verify(request.public_key())?;
//! assert_eq!((build.authority(), build.digest(), build.size()), (ada, &digest, size));
//!
//! // The store takes the file as a revision, and says so in words that a device can check.
//! let store_key = PrivateKey::generate(2048)?;
//! let store = "acme-store";
//! let said = [
//!     NewAccountKey { authority: store, account_id: store, name: Some("store"), since: now, until: None,
//!         public_key: store_key.public(), revision: 0 }.draft(),
//!     NewAccount { authority: store, account_id: ada, username: Some("ada"), display_name: "Ada L.",
//!         validation: &ValidationStatus::Unproven, timestamp: now, revision: 0 }.draft(),
//!     NewSnapDeclaration { authority: store, series: "16", snap_id: hello, snap_name: "hello", publisher_id: ada,
//!         refresh_control: &[], timestamp: now, revision: 0 }.draft(),
//!     NewSnapRevision { authority: store, digest: &digest, snap_id: hello, size, snap_revision: 1, developer_id: ada,
//!         timestamp: now, revision: 0 }.draft(),
//! ];
//! let said = said.iter().map(|draft| draft.sign(&store_key, now)).collect::<Result<Vec<_>, _>>()?;
//! let sent = Assertion::encode_stream(&said);
//!
//! // A device has the file, what the store sent, and one key that it trusts.
//! let chain = Chain::new(Assertion::decode_stream(sent.as_bytes())?, &[*store_key.public().id()]);
//! let vouched = chain.vouch(&digest, size)?;
//! assert_eq!((vouched.snap_name.as_str(), vouched.snap_revision), ("hello", 1));
//! assert_eq!(vouched.publisher.display_name, "Ada L.");
//!
//! // For another file, nobody vouches.
//! let error = chain.vouch(&[8; 48], size).unwrap_err();
//! assert_eq!(error.to_string(), "no snap-revision names a file with this digest");
//! # Ok(())
//! # }
//! ```
//!
//! # What is left to the caller
//!
//! - which key is whose, and whether it was revoked, unless a [`Chain`] says so;
//! - the clock: whether a timestamp is plausible, and whether a key is still good *now*;
//! - that the text of an assertion is not its name. A signature may have a part that nobody signed (GnuPG's has the
//!   key's short name there), so that one statement can have several texts. [`Assertion::primary_key`] and
//!   [`Assertion::revision`] name a statement;
//! - keeping private keys: [`PrivateKey::to_pkcs8`] gives the bytes to seal.

mod armor;
mod assertion;
mod chain;
mod digest;
mod draft;
mod error;
mod headers;
mod kind;
pub mod limits;
mod packet;
mod private_key;
mod public_key;
mod sign;
mod signature;
mod types;
mod value;

pub use assertion::{Assertion, VerifyError};
pub use chain::{Chain, ChainError, Publisher, Vouched};
pub use digest::{DigestError, KeyId, decode_digest, encode_digest};
pub use draft::Draft;
pub use error::DecodeError;
pub use private_key::{PrivateKey, PrivateKeyError};
pub use public_key::{KeyError, PublicKey};
pub use sign::SignError;
pub use signature::SignatureError;
pub use types::{
    Account, AccountKey, AccountKeyRequest, NewAccount, NewAccountKey, NewAccountKeyRequest, NewSnapBuild,
    NewSnapDeclaration, NewSnapRevision, SnapBuild, SnapDeclaration, SnapRevision, TypeError, Validation,
    ValidationStatus,
};
pub use value::Value;

/// The media type of an assertion, and of a stream of them.
pub const MEDIA_TYPE: &str = "application/x.ubuntu.assertion";
