//! The revocation list: what every request asks, and how a revocation comes to be acknowledged.
//!
//! The journal in SQL is the truth; the list is made from it and can be made again. Two lists keep the same promise:
//! [`redis`] for any number of replicas, [`embedded`] for one process. A check that cannot be trusted is
//! [`Undecided`], never "not revoked".

mod embedded;
mod keyspace;
mod redis;

use std::sync::Arc;

use embedded::EmbeddedList;
use redis::RedisList;

use super::records::{Records, StorageError};
use crate::model::revocation::{Cut, Entry, Question, Revocation};

pub use redis::{RedisSettings, StartError};

/// Whether a credential is revoked could not be found out: nothing may be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the revocation list could not be asked")]
pub struct Undecided;

/// A revocation is not acknowledged. What stands in the journal will be completed; asking again is harmless.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// It may not even be in the journal.
    #[error("the revocation could not be recorded")]
    NotRecorded(#[source] StorageError),
    /// It is in the journal, and the list does not show it yet.
    #[error("the revocation is recorded and not yet in force everywhere")]
    NotInForce,
}

/// The list in use. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Revocations {
    records: Records,
    list: List,
}

#[derive(Debug, Clone)]
enum List {
    Embedded(Arc<EmbeddedList>),
    Redis(Arc<RedisList>),
}

impl Revocations {
    /// The list of a single process, read from the journal now.
    pub async fn embedded(records: Records) -> Result<Revocations, StorageError> {
        let list = Arc::new(EmbeddedList::load(&records).await?);
        Ok(Revocations { records, list: List::Embedded(list) })
    }

    /// The list that replicas share in Redis, brought level with the journal now and after every reconnect.
    pub async fn redis(settings: &RedisSettings, records: Records) -> Result<Revocations, StartError> {
        let list = RedisList::start(settings, records.clone()).await?;
        Ok(Revocations { records, list: List::Redis(list) })
    }

    /// The strictest cut that kills a credential, or `None`: one round trip, whatever the number of subjects.
    pub async fn check(&self, question: &Question) -> Result<Option<Cut>, Undecided> {
        match &self.list {
            List::Embedded(list) => Ok(list.check(question)),
            List::Redis(list) => list.check(question).await,
        }
    }

    /// Records revocations and puts them in force. `Ok` is the acknowledgement: whatever request begins from now on,
    /// at any replica, meets them. Goes on to its end also when the caller is gone, as when a client hangs up.
    pub async fn revoke(&self, revocations: Vec<Revocation>) -> Result<Vec<Entry>, RevokeError> {
        let this = self.clone();
        let done = tokio::spawn(async move { this.record_and_apply(&revocations).await }).await;
        done.unwrap_or(Err(RevokeError::NotInForce))
    }

    async fn record_and_apply(&self, revocations: &[Revocation]) -> Result<Vec<Entry>, RevokeError> {
        let entries = self.records.record_revocations(revocations).await.map_err(RevokeError::NotRecorded)?;
        match &self.list {
            List::Embedded(list) => list.apply(&entries),
            List::Redis(list) => {
                let through = entries.last().map_or(0, |entry| entry.seq);
                list.apply_through(through).await.map_err(|Undecided| RevokeError::NotInForce)?;
            }
        }
        Ok(entries)
    }

    /// Whether a check could be answered now.
    pub async fn ready(&self) -> Result<(), Undecided> {
        self.check(&Question { subjects: Vec::new(), login: None }).await.map(|_| ())
    }
}
