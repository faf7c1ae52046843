//! Each way in which a chain can be broken.

use timestamp::Timestamp;

use crate::digest::KeyId;
use crate::types::TypeError;

/// Why nobody vouches for a file. `kind` is the type of the assertion at which the chain breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// No `snap-revision` for a file with this digest.
    #[error("no snap-revision names a file with this digest")]
    NoRevision,
    /// A `snap-revision` for this digest, and another length.
    #[error("the store took a file of {said} bytes, not {found}")]
    Size {
        /// The length in the assertion.
        said: u64,
        /// The length of the file.
        found: u64,
    },
    /// No `snap-declaration` for the snap.
    #[error("no snap-declaration says what the snap {0} is called")]
    NoDeclaration(String),
    /// A `snap-declaration` without a name: it was revoked.
    #[error("the snap-declaration of the snap {0} has been revoked: it has no name")]
    Unnamed(String),
    /// No `account` for the publisher.
    #[error("no account says who the publisher {0} is")]
    NoAccount(String),
    /// An assertion that is not as its type demands.
    #[error("the {kind} can't be read: {error}")]
    Unreadable {
        /// The assertion's type.
        kind: &'static str,
        /// What is wrong with it.
        error: TypeError,
    },
    /// No trusted key has an `account-key` that is signed with itself.
    #[error("no account-key says whose the trusted key is")]
    NoTrustedKey,
    /// Signed with a key that no trusted key vouches for.
    #[error("the {kind} is signed with the key {key}, which no trusted key vouches for")]
    UnknownKey {
        /// The assertion's type.
        kind: &'static str,
        /// The key it names.
        key: KeyId,
    },
    /// A signature that is not over these bytes.
    #[error("the signature of the {kind} does not fit: it was changed, or not signed with the key it names")]
    Forged {
        /// The assertion's type.
        kind: &'static str,
    },
    /// Signed with a key of another account than it speaks for.
    #[error("the {kind} speaks for {authority}, but is signed with a key of {account}")]
    OtherAuthority {
        /// The assertion's type.
        kind: &'static str,
        /// The account it speaks for.
        authority: String,
        /// The account whose key signed.
        account: String,
    },
    /// Signed with a key of an account that is not the store's.
    #[error("the {kind} is signed by {account}, which is not the store")]
    NotTheStore {
        /// The assertion's type.
        kind: &'static str,
        /// The account whose key signed.
        account: String,
    },
    /// Signed at a time for which its key does not count.
    #[error("the {kind} is from {timestamp}Z, when the key {key} was not good")]
    OutsideKey {
        /// The assertion's type.
        kind: &'static str,
        /// When it says that it was signed.
        timestamp: Timestamp,
        /// The key.
        key: KeyId,
    },
    /// A key on the way that was revoked from its beginning.
    #[error("the key {key} has been revoked")]
    RevokedKey {
        /// The key.
        key: KeyId,
    },
    /// A key that may sign only some assertions, in words that are not understood here.
    #[error("the {kind} is signed with the key {key}, which may sign only some assertions")]
    ConstrainedKey {
        /// The assertion's type.
        kind: &'static str,
        /// The key.
        key: KeyId,
    },
    /// Two assertions with the same primary key and revision, and different content, both signed.
    #[error("there are two different texts of the {kind} in the same revision")]
    Conflict {
        /// The assertion's type.
        kind: &'static str,
    },
}
