//! The proof that one attempt was authorized. Domain functions demand it; `authorization` alone makes it.

use super::ids::{AccountId, SessionId, SnapId, TokenId};
use super::revocation::Question;

/// A verified, cleared, unrevoked credential of a known account, for one attempt.
#[derive(Debug, Clone)]
pub struct Authorized {
    account: AccountId,
    session: SessionId,
    token: TokenId,
    package: Option<SnapId>,
    question: Question,
}

impl Authorized {
    /// States that everything was checked. Only `authorization/mod.rs` may say so; `tests/layers.rs` sees to it.
    pub fn assertion(
        account: AccountId,
        session: SessionId,
        token: TokenId,
        package: Option<SnapId>,
        question: Question,
    ) -> Authorized {
        Authorized { account, session, token, package, question }
    }

    /// Whose credential it is.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The login it comes from.
    pub fn session(&self) -> &SessionId {
        &self.session
    }

    /// The family it belongs to.
    pub fn token(&self) -> &TokenId {
        &self.token
    }

    /// The package the attempt may touch, owned by the account.
    pub fn package(&self) -> Option<&SnapId> {
        self.package.as_ref()
    }

    /// What to ask the revocation list again, right before something is committed.
    pub fn question(&self) -> &Question {
        &self.question
    }
}
