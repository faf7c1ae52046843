//! Publishers' keys, the builds they signed, and how strictly a package wants its uploads signed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use timestamp::Timestamp;

use super::ids::{AccountId, SigningKeyId, SnapId};
use super::snap::Digest384;

/// A publisher's key, as it was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Its id: what it has signed names it.
    pub id: SigningKeyId,
    /// Whose it is.
    pub account: AccountId,
    /// Its name. Of several keys of one name the newest is in use, and the others end.
    pub name: String,
    /// The key, as the body of an account-key assertion holds it.
    pub public_key: String,
    /// Since when it signs.
    pub since: Timestamp,
    /// Until when; `None`: without end.
    pub until: Option<Timestamp>,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// What a revocation said of it, if there was one. Whether it is revoked, the journal and the list know.
    pub revoked: Option<Revoked>,
}

/// What a revocation said of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revoked {
    /// When it was decided.
    pub at: Timestamp,
    /// Since when somebody else may have had the key, if that is known.
    pub compromised_since: Option<Timestamp>,
}

/// A publisher's word for one file: a snap-build assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// The snap it says the file is for.
    pub snap: SnapId,
    /// The file.
    pub digest: Digest384,
    /// The key that signed it.
    pub key: SigningKeyId,
    /// The assertion, to the letter.
    pub assertion: String,
    /// When it came.
    pub received_at: Timestamp,
}

/// Whether a package wants its uploads signed by its publisher. Ordered: the greater is the stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignedUploads {
    /// Signed or not, they are accepted.
    #[default]
    Off,
    /// They are accepted, and it is told what would have been refused.
    Observe,
    /// Without a signature nothing is accepted.
    Required,
}

impl SignedUploads {
    /// The word in requests and records.
    pub fn as_str(self) -> &'static str {
        match self {
            SignedUploads::Off => "off",
            SignedUploads::Observe => "observe",
            SignedUploads::Required => "required",
        }
    }
}

/// The text is none of the three words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of off, observe and required")]
pub struct InvalidPolicy;

impl FromStr for SignedUploads {
    type Err = InvalidPolicy;
    fn from_str(text: &str) -> Result<SignedUploads, InvalidPolicy> {
        match text {
            "off" => Ok(SignedUploads::Off),
            "observe" => Ok(SignedUploads::Observe),
            "required" => Ok(SignedUploads::Required),
            _ => Err(InvalidPolicy),
        }
    }
}

impl fmt::Display for SignedUploads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_reads_back_as_it_was_written_and_required_is_the_strictest() {
        for policy in [SignedUploads::Off, SignedUploads::Observe, SignedUploads::Required] {
            assert_eq!(policy.as_str().parse(), Ok(policy));
        }
        assert_eq!("Required".parse::<SignedUploads>(), Err(InvalidPolicy));
        assert!(
            SignedUploads::Off < SignedUploads::Observe && SignedUploads::Observe < SignedUploads::Required
        );
    }
}
