//! The revocation list of a single process: the journal in memory.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::sync::{PoisonError, RwLock};

use super::super::records::{Records, StorageError};
use crate::model::revocation::{Cut, Entry, Question, Subject};

const PAGE: i64 = 1_000;

/// The strictest cut of each subject.
#[derive(Debug, Default)]
pub(super) struct EmbeddedList {
    cuts: RwLock<HashMap<Subject, Cut>>,
}

impl EmbeddedList {
    /// Reads the whole journal.
    pub(super) async fn load(records: &Records) -> Result<EmbeddedList, StorageError> {
        let list = EmbeddedList::default();
        let mut position = 0;
        loop {
            let entries = records.journal_after(position, PAGE).await?;
            let Some(newest) = entries.last() else { return Ok(list) };
            position = newest.seq;
            list.apply(&entries);
        }
    }

    /// Adds entries; in which order makes no difference.
    pub(super) fn apply(&self, entries: &[Entry]) {
        let mut cuts = self.cuts.write().unwrap_or_else(PoisonError::into_inner);
        for Entry { revocation, .. } in entries {
            match cuts.entry(revocation.subject.clone()) {
                Slot::Vacant(slot) => {
                    slot.insert(revocation.cut.clone());
                }
                Slot::Occupied(mut slot) => {
                    let stricter = slot.get().clone().stricter(revocation.cut.clone());
                    slot.insert(stricter);
                }
            }
        }
    }

    /// The strictest cut that covers the question.
    pub(super) fn check(&self, question: &Question) -> Option<Cut> {
        let cuts = self.cuts.read().unwrap_or_else(PoisonError::into_inner);
        let covering = question.subjects.iter().filter_map(|subject| cuts.get(subject));
        covering.filter(|cut| cut.reach.covers(question.login)).cloned().reduce(Cut::stricter)
    }
}
