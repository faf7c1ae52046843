//! The list that the journal makes: of each subject, the revocation in force.

use std::collections::HashMap;

use timestamp::Timestamp;

use crate::entry::{Action, Entry};
use crate::query::RevocationQuery;
use crate::reach::Revocation;
use crate::subject::Subject;

/// Of each subject, the revocation in force. Made by applying every entry of the journal in its order; whoever has applied
/// the same entries answers alike.
#[derive(Debug, Default)]
pub struct RevocationList {
    kept: HashMap<Subject, Kept>,
}

#[derive(Debug)]
struct Kept {
    revocation: Revocation,
    forget_at: Option<Timestamp>,
}

impl RevocationList {
    /// Takes an entry in, once, behind all entries before it.
    pub fn apply(&mut self, Entry { subject, deed, forget_at, .. }: Entry) {
        match deed {
            Action::Revoke(revocation) => {
                let kept = match self.kept.remove(&subject) {
                    None => Kept { revocation, forget_at },
                    Some(old) => Kept {
                        revocation: old.revocation.stricter(revocation),
                        // For as long as either; for good if one must stay.
                        forget_at: old.forget_at.zip(forget_at).map(|(one, other)| one.max(other)),
                    },
                };
                self.kept.insert(subject, kept);
            }
            Action::Lift(lift) => match lift.left {
                None => drop(self.kept.remove(&subject)),
                Some(revocation) => {
                    if let Some(kept) = self.kept.get_mut(&subject) {
                        kept.revocation = revocation;
                    } else {
                        self.kept.insert(subject, Kept { revocation, forget_at: None });
                    }
                }
            },
        }
    }

    /// The strictest revocation that kills what is asked about; `None` if none does.
    pub fn check(&self, query: &RevocationQuery) -> Option<&Revocation> {
        let in_force = query.subjects.iter().filter_map(|subject| self.kept.get(subject));
        let killing = in_force.map(|kept| &kept.revocation).filter(|it| it.reach.covers(query.login));
        killing.reduce(|one, other| if other.reach > one.reach { other } else { one })
    }

    /// Forgets what concerns nothing that could be valid at a moment.
    pub fn forget(&mut self, now: Timestamp) {
        self.kept.retain(|_, kept| kept.forget_at.is_none_or(|forget_at| forget_at >= now));
    }
}

#[cfg(test)]
mod tests;
