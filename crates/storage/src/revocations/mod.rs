//! The revocation list: what every request asks, and how a revocation comes to be acknowledged.
//!
//! The journal in SQL is the truth; the list is made from it and can be made again. Two lists keep the same promise:
//! [`redis`] for any number of replicas, [`embedded`] for one process. A check that cannot be trusted is
//! [`ListUnavailable`], never "not revoked".

#[cfg(broken_check)]
mod broken;
mod embedded;
mod keyspace;
mod redis;

use std::sync::Arc;

use embedded::EmbeddedList;
use redis::RedisList;

use super::records::{LiftError, Records, StorageError, Tx, journal};
use model::clock::Clock;
use revocation::{Entry, NewRevocation, Revocation, RevocationQuery};

pub use redis::{RedisSettings, RedisTls, RedisTopology, RedisUser, Short, StartError};

/// Whether a credential is revoked could not be found out: nothing may be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the revocation list could not be asked")]
pub struct ListUnavailable;

/// Whether a credential was revoked before a commit could not be found out: nothing may be kept.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The list could not be asked.
    #[error(transparent)]
    ListUnavailable(#[from] ListUnavailable),
    /// The journal could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A revocation is not acknowledged. What stands in the journal will be completed; asking again is harmless.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// It may not even be in the journal.
    #[error("the revocation could not be recorded")]
    NotRecorded(#[source] StorageError),
    /// It is in the journal, and not yet in force everywhere.
    #[error("the revocation is recorded and not yet in force everywhere")]
    NotInForce(#[source] Short),
    /// Nobody can tell how far it came.
    #[error("the revocation stopped half way")]
    Interrupted,
    /// The cut may not be taken back.
    #[error(transparent)]
    Lift(LiftError),
}

/// The list in use. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Revocations {
    records: Records,
    clock: Clock,
    list: List,
    #[cfg(broken_check)]
    cache: Arc<broken::Cache>,
}

#[derive(Debug, Clone)]
enum List {
    Embedded(Arc<EmbeddedList>),
    Redis(Arc<RedisList>),
}

impl Revocations {
    /// The list of a single process, read from the journal now.
    pub async fn embedded(records: Records, clock: Clock) -> Result<Revocations, StorageError> {
        let list = Arc::new(EmbeddedList::load(records.clone(), clock.clone()).await?);
        Ok(Revocations::with(records, clock, List::Embedded(list)))
    }

    /// The list that replicas share in Redis, brought level with the journal now and whenever it is behind.
    pub async fn redis(
        settings: &RedisSettings,
        records: Records,
        clock: Clock,
    ) -> Result<Revocations, StartError> {
        let list = RedisList::start(settings, records.clone(), clock.clone()).await?;
        Ok(Revocations::with(records, clock, List::Redis(list)))
    }

    fn with(records: Records, clock: Clock, list: List) -> Revocations {
        Revocations {
            records,
            clock,
            list,
            #[cfg(broken_check)]
            cache: Arc::default(),
        }
    }

    /// The strictest cut that kills a credential, or `None`: one round trip, whatever the number of subjects.
    pub async fn check(&self, question: &RevocationQuery) -> Result<Option<Revocation>, ListUnavailable> {
        #[cfg(broken_check)]
        if let Some(verdict) = self.cache.get(question) {
            return Ok(verdict);
        }
        let verdict = match &self.list {
            List::Embedded(list) => list.check(question),
            List::Redis(list) => list.check(question).await?,
        };
        #[cfg(broken_check)]
        self.cache.put(question, &verdict);
        Ok(verdict)
    }

    /// The same, inside a transaction that is about to commit what the credential asked for. Both the journal, which no
    /// other replica can be ahead of, and the list are asked: a revocation that either has refuses, and one that comes
    /// later is acknowledged only after this commit.
    pub async fn check_before_commit(
        &self,
        tx: &mut Tx,
        question: &RevocationQuery,
    ) -> Result<Option<Revocation>, CheckError> {
        // Broken on purpose where that is asked for: what was good when it began is kept.
        if cfg!(broken_check) {
            return Ok(None);
        }
        match journal::revocation_in_force(tx, question).await? {
            Some(cut) => Ok(Some(cut)),
            None => Ok(self.check(question).await?),
        }
    }

    /// Records revocations and puts them in force. `Ok` is the acknowledgement: whatever request begins from now on,
    /// at any replica, meets them. Goes on to its end also when the caller is gone, as when a client hangs up.
    pub async fn revoke(&self, revocations: Vec<NewRevocation>) -> Result<Vec<Entry>, RevokeError> {
        let this = self.clone();
        let done = tokio::spawn(async move {
            let entries =
                this.records.record_revocations(&revocations).await.map_err(RevokeError::NotRecorded)?;
            this.put_in_force(&entries).await?;
            Ok(entries)
        });
        done.await.unwrap_or(Err(RevokeError::Interrupted))
    }

    /// Takes a cut back, and answers with the entry that says so.
    pub async fn lift(&self, lifts: i64, actor: &str, reason: &str) -> Result<Entry, RevokeError> {
        let (this, actor, reason) = (self.clone(), actor.to_owned(), reason.to_owned());
        let done = tokio::spawn(async move {
            let now = this.clock.now();
            let entry =
                this.records.record_lift(lifts, &actor, &reason, now).await.map_err(RevokeError::Lift)?;
            this.put_in_force(std::slice::from_ref(&entry)).await?;
            Ok(entry)
        });
        done.await.unwrap_or(Err(RevokeError::Interrupted))
    }

    async fn put_in_force(&self, entries: &[Entry]) -> Result<(), RevokeError> {
        match &self.list {
            List::Embedded(list) => list.level().await.map_err(|_| RevokeError::NotInForce(Short::InJournal)),
            List::Redis(list) => list.acknowledge(entries).await.map_err(RevokeError::NotInForce),
        }
    }

    /// Whether a check could be answered now.
    pub async fn ready(&self) -> Result<(), ListUnavailable> {
        self.check(&RevocationQuery { subjects: Vec::new(), login: None }).await.map(|_| ())
    }
}

/// Whether a client of Redis can read it as the URL of a server.
pub fn is_redis_url(text: &str) -> bool {
    ::redis::IntoConnectionInfo::into_connection_info(text).is_ok()
}
