//! An entry of the journal: a revocation, or one taken back.

use timestamp::Timestamp;

use crate::reach::Revocation;
use crate::subject::Subject;

/// A revocation about to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRevocation {
    /// What it kills.
    pub subject: Subject,
    /// How much of it, since when, why.
    pub cut: Revocation,
    /// Who decided it: an account's id, or who else the service knows.
    pub actor: String,
    /// Whether it was made because something leaked, so that it may never be lifted.
    pub leaked: bool,
    /// When nothing it concerns can be valid any more, so that it can be forgotten; `None`: never.
    pub forget_at: Option<Timestamp>,
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the journal: 1, 2, 3, … without gaps.
    pub seq: i64,
    /// What it is about.
    pub subject: Subject,
    /// What was decided about it.
    pub deed: Action,
    /// Who decided it.
    pub actor: String,
    /// When nothing it concerns can be valid any more; `None`: never.
    pub forget_at: Option<Timestamp>,
}

/// What an entry of the journal does to its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It cuts, beside all cuts before it.
    Revoke(Revocation),
    /// It takes an earlier cut back.
    Lift(Lift),
}

/// A cut taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lift {
    /// The entry that is taken back.
    pub lifts: i64,
    /// When it was decided.
    pub at: Timestamp,
    /// Why, in the words of who decided it.
    pub reason: String,
    /// The strictest of the subject's cuts that stand before this entry; none, and the subject is free again.
    pub left: Option<Revocation>,
}

impl Entry {
    /// When it was decided.
    pub fn at(&self) -> Timestamp {
        match &self.deed {
            Action::Revoke(cut) => cut.at,
            Action::Lift(lift) => lift.at,
        }
    }

    /// Why.
    pub fn reason(&self) -> &str {
        match &self.deed {
            Action::Revoke(cut) => &cut.reason,
            Action::Lift(lift) => &lift.reason,
        }
    }
}
