//! The revocation list of a single process: the journal in memory.

use std::sync::{PoisonError, RwLock};

use tokio::sync::Mutex;

use super::super::records::{Records, StorageError};
use model::clock::Clock;
use revocation::{Revocation, RevocationList, RevocationQuery};

const PAGE: i64 = 1_000;
/// At every so many entries, those that may be forgotten are.
const FORGET_EVERY: i64 = 10_000;

/// The list in memory, and how far it has come.
#[derive(Debug)]
pub(super) struct EmbeddedList {
    records: Records,
    clock: Clock,
    list: RwLock<RevocationList>,
    /// How far into the journal it has come. Held while it goes on, so that entries are applied in their order.
    position: Mutex<i64>,
}

impl EmbeddedList {
    /// Reads the whole journal.
    pub(super) async fn load(records: Records, clock: Clock) -> Result<EmbeddedList, StorageError> {
        let list = EmbeddedList { records, clock, list: RwLock::default(), position: Mutex::default() };
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
            let mut list = self.list.write().unwrap_or_else(PoisonError::into_inner);
            for entry in page.entries {
                list.apply(entry);
            }
            if page.through / FORGET_EVERY > *position / FORGET_EVERY {
                list.forget(now);
            }
            *position = page.through;
        }
    }

    /// The strictest revocation that covers the query.
    pub(super) fn check(&self, query: &RevocationQuery) -> Option<Revocation> {
        self.list.read().unwrap_or_else(PoisonError::into_inner).check(query).cloned()
    }
}
