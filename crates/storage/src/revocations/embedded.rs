//! The revocation list of a single process: the journal in memory.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use timestamp::Timestamp;
use tokio::sync::Mutex;

use super::super::records::{Records, StorageError};
use model::clock::Clock;
use revocation::{Action, Revocation, RevocationQuery, Subject};

const PAGE: i64 = 1_000;
/// At every so many entries, those that may be forgotten are.
const FORGET_EVERY: i64 = 10_000;

/// The strictest cut of each subject.
#[derive(Debug)]
pub(super) struct EmbeddedList {
    records: Records,
    clock: Clock,
    cuts: RwLock<HashMap<Subject, Kept>>,
    /// How far into the journal it has come. Held while it goes on, so that entries are applied in their order.
    position: Mutex<i64>,
}

#[derive(Debug)]
struct Kept {
    cut: Revocation,
    forget_at: Option<Timestamp>,
}

impl EmbeddedList {
    /// Reads the whole journal.
    pub(super) async fn load(records: Records, clock: Clock) -> Result<EmbeddedList, StorageError> {
        let list = EmbeddedList { records, clock, cuts: RwLock::default(), position: Mutex::default() };
        list.level().await?;
        Ok(list)
    }

    /// Goes on to the end of the journal.
    pub(super) async fn level(&self) -> Result<(), StorageError> {
        let mut position = self.position.lock().await;
        loop {
            let now = self.clock.now();
            let page = self.records.journal_after(*position, PAGE, now).await?;
            if page.through == *position {
                return Ok(());
            }
            let mut cuts = self.cuts.write().unwrap_or_else(PoisonError::into_inner);
            for entry in page.entries {
                apply(&mut cuts, entry.subject, entry.deed, entry.forget_at);
            }
            if page.through / FORGET_EVERY > *position / FORGET_EVERY {
                cuts.retain(|_, kept| kept.forget_at.is_none_or(|forget_at| forget_at >= now));
            }
            *position = page.through;
        }
    }

    /// The strictest cut that covers the question.
    pub(super) fn check(&self, question: &RevocationQuery) -> Option<Revocation> {
        covering(&self.cuts.read().unwrap_or_else(PoisonError::into_inner), question)
    }
}

fn covering(cuts: &HashMap<Subject, Kept>, question: &RevocationQuery) -> Option<Revocation> {
    let covering = question.subjects.iter().filter_map(|subject| cuts.get(subject)).map(|kept| &kept.cut);
    covering.filter(|cut| cut.reach.covers(question.login)).cloned().reduce(Revocation::stricter)
}

fn apply(cuts: &mut HashMap<Subject, Kept>, subject: Subject, deed: Action, forget_at: Option<Timestamp>) {
    match deed {
        Action::Revoke(cut) => {
            let kept = match cuts.remove(&subject) {
                None => Kept { cut, forget_at },
                Some(old) => Kept {
                    cut: old.cut.stricter(cut),
                    // For as long as either; for good if one must stay.
                    forget_at: old.forget_at.zip(forget_at).map(|(one, other)| one.max(other)),
                },
            };
            cuts.insert(subject, kept);
        }
        Action::Lift(lift) => match lift.left {
            None => drop(cuts.remove(&subject)),
            Some(cut) => {
                if let Some(kept) = cuts.get_mut(&subject) {
                    kept.cut = cut;
                } else {
                    cuts.insert(subject, Kept { cut, forget_at: None });
                }
            }
        },
    }
}

#[cfg(test)]
mod tests;
