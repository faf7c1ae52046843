//! The three answers, each with what a person can act on.

use std::fmt;

use model::ids::{AccountId, SessionId, TokenId};
use revocation::Revocation;
use timestamp::Timestamp;

/// What is said of a credential.
#[derive(Debug)]
pub enum Verdict {
    /// It is good for what was attempted: answer the request.
    Accepted(Holder),
    /// It is not: 401, or 403 where a caveat denies.
    Refused(Refusal),
    /// Nobody can tell: 503, and try again.
    CannotTell(Unknown),
}

/// Whose credential was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The account.
    pub account: AccountId,
    /// The login it comes from.
    pub session: SessionId,
    /// The family it belongs to.
    pub token: TokenId,
}

/// Why a credential is refused.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Not a credential of this service, tampered with, or made with a root key that is not known here.
    #[error("not genuine")]
    NotGenuine,
    /// A caveat does not allow it.
    #[error("{0}")]
    Denied(caveats::Refusal),
    /// The discharge is older than a day; a refresh helps.
    #[error("in need of a refresh")]
    NeedsRefresh,
    /// It was revoked.
    #[error("revoked at {}", .0.at)]
    Revoked(Revocation),
}

/// Why nobody can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// The feed has not been heard yet, or had to be begun anew.
    #[error("nothing was heard of the service")]
    NothingHeard,
    /// The feed says nothing any more.
    #[error("nothing was heard of the service since {since}")]
    Silent {
        /// When it last said that there was nothing more to know, by its clock.
        since: Timestamp,
    },
    /// The clocks differ by more than the settings allow.
    #[error("the service's clock is ahead: it says {says}, and here it is {here}")]
    ClockAhead {
        /// The service's time.
        says: Timestamp,
        /// The time here.
        here: Timestamp,
    },
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Accepted(holder) => write!(f, "ACCEPTED (account {})", holder.account),
            Verdict::Refused(refusal) => write!(f, "REFUSED ({refusal})"),
            Verdict::CannotTell(unknown) => write!(f, "CANNOT TELL ({unknown})"),
        }
    }
}
