#![doc = include_str!("../README.md")]

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
