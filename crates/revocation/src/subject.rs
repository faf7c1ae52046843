//! What can be revoked.

use model::ids::{AccountId, KeyId, SessionId, SigningKeyId, SnapId, TokenId};

/// The first 16 bytes of SHA-256 over a tail; the tail itself never leaves `caveats`.
pub type Fingerprint = [u8; 16];

/// A fingerprint as the journal and the list spell it: 32 lower-case hexadecimal digits.
pub fn hex(fingerprint: &Fingerprint) -> String {
    format!("{:032x}", u128::from_be_bytes(*fingerprint))
}

/// Something that can be revoked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// One credential and everything attenuated from it.
    Credential(TokenId, Fingerprint),
    /// Everything ever attenuated from one root macaroon.
    Family(TokenId),
    /// One login and its refreshes.
    Session(AccountId, SessionId),
    /// An account's logins.
    Account(AccountId),
    /// Every credential that touches a package.
    Package(SnapId),
    /// A publisher's key: what it has signed admits nothing any more.
    SigningKey(SigningKeyId),
    /// Every credential made with one root key.
    RootKey(KeyId),
    /// Every credential.
    Everything,
}

impl Subject {
    /// The word for this kind in the journal and in answers.
    pub fn kind(&self) -> &'static str {
        match self {
            Subject::Credential(..) => "credential",
            Subject::Family(_) => "family",
            Subject::Session(..) => "session",
            Subject::Account(_) => "account",
            Subject::Package(_) => "package",
            Subject::SigningKey(_) => "signing-key",
            Subject::RootKey(_) => "root-key",
            Subject::Everything => "everything",
        }
    }

    /// Whether a cut of it may ever be lifted: one that cuts off everybody up to a moment, as a precaution. What may have
    /// leaked, a credential or a key, stays dead.
    pub fn is_liftable(&self) -> bool {
        matches!(self, Subject::Account(_) | Subject::Package(_) | Subject::Everything)
    }
}
