//! The proof that one attempt was authorized. Domain functions demand it; `authorization` alone can make it.

use model::account::Author;
use model::ids::{AccountId, SnapId};
use revocation::RevocationQuery;

/// A verified, cleared, unrevoked credential of a known account, for one attempt.
#[derive(Debug, Clone)]
pub struct Authorized {
    author: Author,
    package: Option<SnapId>,
    question: RevocationQuery,
}

impl Authorized {
    /// What `authorization` says when everything was checked, and nobody else can.
    pub(super) fn new(author: Author, package: Option<SnapId>, question: RevocationQuery) -> Authorized {
        Authorized { author, package, question }
    }

    /// Who is doing it, as it is kept with what is done.
    pub fn author(&self) -> &Author {
        &self.author
    }

    /// Whose credential it is.
    pub fn account(&self) -> &AccountId {
        &self.author.account
    }

    /// The package the attempt may touch, owned by the account.
    pub fn package(&self) -> Option<&SnapId> {
        self.package.as_ref()
    }

    /// What to ask the revocation list again, right before something is committed.
    pub fn question(&self) -> &RevocationQuery {
        &self.question
    }
}
