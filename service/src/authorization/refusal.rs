//! Why an attempt is not authorized: malformed, forged, denied, revoked, stale, not its owner's, or undecided.

use caveats::{Permission, Refusal as Denial};

use crate::credentials::key_ring::KeyError;
use revocation::Revocation;
use storage::records::StorageError;
use storage::revocations::ListUnavailable;

/// An attempt is not authorized.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Not a credential of ours: another service's, another key's, tampered with, unbound. All forgeries look alike.
    #[error("not a valid credential of this service")]
    Forged,
    /// A caveat does not allow the attempt.
    #[error("denied by a caveat: {0}")]
    Denied(Denial),
    /// The credential was revoked.
    #[error("revoked")]
    Revoked(Revocation),
    /// The discharge is older than it may be; a refresh helps.
    #[error("the discharge is {age_seconds} seconds old")]
    Stale {
        /// Its age.
        age_seconds: i64,
    },
    /// Password and code were given too long ago for this attempt; a new login helps, a refresh does not.
    #[error("the login is {age_seconds} seconds old")]
    LoginTooOld {
        /// Its age.
        age_seconds: i64,
        /// The age that it may have.
        at_most_seconds: i64,
    },
    /// The login was by a password alone, and the attempt takes a one-time code.
    #[error("the login was without a one-time code")]
    LoginWithoutCode,
    /// The account has lost the roles that the attempt needs.
    #[error("the account may not do this any more")]
    RoleLost(Vec<Permission>),
    /// There is no such package.
    #[error("no such package")]
    NoSuchPackage(String),
    /// The package is somebody else's.
    #[error("not the publisher of this package")]
    NotOwner(String),
    /// The revocation list could not be asked.
    #[error(transparent)]
    ListUnavailable(#[from] ListUnavailable),
    /// The records could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The keys could not be had.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

impl Refusal {
    /// Whether the credential is good and the attempt is not for it: another permission may still allow it. What is no
    /// credential in force, and what nobody can tell, is no denial.
    pub fn is_denial(&self) -> bool {
        match self {
            Refusal::Denied(denial) => !matches!(denial, Denial::Expired { .. }),
            Refusal::LoginTooOld { .. }
            | Refusal::LoginWithoutCode
            | Refusal::RoleLost(_)
            | Refusal::NotOwner(_) => true,
            Refusal::Forged
            | Refusal::Revoked(_)
            | Refusal::Stale { .. }
            | Refusal::NoSuchPackage(_)
            | Refusal::ListUnavailable(_)
            | Refusal::Storage(_)
            | Refusal::Keys(_) => false,
        }
    }
}
