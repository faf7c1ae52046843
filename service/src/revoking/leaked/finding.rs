//! What was found in a text: whether it can be revoked, how widely, and what became of it.

use timestamp::Timestamp;

use super::prove::CredentialPart;
use model::ids::{AccountId, TokenId};
use revocation::Subject;

/// How widely what is found is revoked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevokeScope {
    /// It and everything attenuated from it.
    #[default]
    Credential,
    /// Everything attenuated from the same root.
    Family,
    /// Everything of the same login.
    Session,
    /// Everything of the same account, up to now.
    Account,
}

/// A credential that was found, and whether it can be revoked.
#[derive(Debug)]
pub struct Finding {
    /// Where it stands in the text, in bytes.
    pub offset: u64,
    /// What it is.
    pub what: CredentialPart,
    /// Whether it can be revoked.
    pub ownership: Ownership,
}

impl Finding {
    pub(super) fn is_ours(&self) -> bool {
        matches!(self.ownership, Ownership::Ours { .. })
    }
}

/// Whether something can be revoked.
#[derive(Debug)]
pub enum Ownership {
    /// It is ours.
    Ours {
        /// Whose: those who have logged in with it. Nobody's if nobody has.
        owners: Vec<AccountId>,
        /// What to revoke.
        subject: Subject,
        /// When the last credential that it concerns ends; `None`: nobody knows.
        ends: Option<Timestamp>,
    },
    /// A discharge that nothing vouches for, and the family that it says to belong to.
    Unproven(TokenId),
    /// Something that names our key and does not hold, and the family that it says to be of.
    Damaged(Option<TokenId>),
    /// Not ours.
    NotOurs,
}

/// What became of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is revoked now, by the entry of this position.
    Revoked(i64),
    /// It was revoked before, by the entry of this position.
    AlreadyRevoked(i64),
    /// It is ours, and the actor may not revoke it.
    Forbidden,
    /// It could not be revoked; its [`Ownership`] says why.
    NotRevoked,
}
