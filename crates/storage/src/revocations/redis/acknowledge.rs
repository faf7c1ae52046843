//! Acknowledging: a revocation is in the journal, in the list at its home, on as many replicas as configured, and the
//! term was still the one that counts after all of that.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use redis::RedisError;
use redis::aio::MultiplexedConnection;

use super::lease::since_boot;
use super::settings::RedisSettings;
use super::{RedisList, StartError, Trusted};
use crate::revocations::ListUnavailable;
use crate::revocations::keyspace::{Keyspace, decode};
use model::cause::chain;
use revocation::{Action, Entry, Reach};

/// How long a caller is kept waiting; what was recorded is completed after that, too.
const WITHIN: Duration = Duration::from_secs(8);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How far a revocation came that is not acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Short {
    /// In the journal, and not yet in the list.
    #[error("it is in the journal; the revocation list does not show it yet")]
    InJournal,
    /// In the list, and on too few replicas.
    #[error("it is in the journal and in the list; {found} of {wanted} Redis replicas have confirmed it")]
    OnReplicas {
        /// How many have confirmed it.
        found: u32,
        /// How many must.
        wanted: u32,
    },
    /// In the list, and on too few disks.
    #[error("it is in the journal and in the list; {found} of {wanted} Redis servers have it on disk")]
    OnDisks {
        /// How many have it on disk.
        found: u32,
        /// How many must.
        wanted: u32,
    },
}

impl Short {
    pub(super) fn as_start_error(self) -> StartError {
        match self {
            Short::OnReplicas { found, wanted } | Short::OnDisks { found, wanted } => {
                StartError::TooFewReplicas { found, wanted }
            }
            Short::InJournal => StartError::Silent,
        }
    }
}

/// What the last round of acknowledging came to; those who came while it ran share the next one.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// Everything up to here is acknowledged.
    through: i64,
    /// When the last one began that failed, and how.
    failed: Option<(Duration, Short)>,
}

impl RedisList {
    /// Waits until entries that are in the journal are acknowledged.
    pub(crate) async fn acknowledge(&self, entries: &[Entry]) -> Result<(), Short> {
        let Some(seq) = entries.iter().map(|entry| entry.seq).max() else { return Ok(()) };
        let came = since_boot();
        let done = async {
            // Whoever keeps the list trusted is at it; given up half way, that would hold up every service.
            let trusted = loop {
                match self.trusted() {
                    Ok(trusted) => break trusted,
                    Err(ListUnavailable) => tokio::time::sleep(LOOK_EVERY).await,
                }
            };
            let mut round = trusted.acknowledging.lock().await;
            if round.through >= seq {
                return self.shown(&trusted, entries).await;
            }
            if let Some((_, short)) = round.failed.filter(|(began, _)| *began > came) {
                return Err(short);
            }
            let began = since_boot();
            match self.one_round(&trusted, seq).await {
                Ok(through) => {
                    round.through = through;
                    self.shown(&trusted, entries).await
                }
                Err(short) => {
                    round.failed = Some((began, short));
                    Err(short)
                }
            }
        };
        tokio::time::timeout(WITHIN, done).await.unwrap_or(Err(Short::InJournal))
    }

    /// Looks whether the list shows what it says to have come past. One that does not was made from another journal, whose
    /// numbers were given out anew: it is thrown away, and the next one is made from the start.
    async fn shown(&self, trusted: &Arc<Trusted>, entries: &[Entry]) -> Result<(), Short> {
        let now = self.clock.now();
        // Cuts up to a moment may have been lifted since.
        let lasting = entries.iter().filter(|entry| {
            let for_good = matches!(&entry.deed, Action::Revoke(cut) if cut.reach == Reach::All);
            for_good && entry.forget_at.is_none_or(|forget_at| forget_at > now)
        });
        let places: Vec<_> = lasting.map(|entry| self.keys.place(&entry.subject)).collect();
        if places.is_empty() {
            return Ok(());
        }
        let mut pipe = redis::pipe();
        for (key, field) in &places {
            pipe.cmd("HGET").arg(key).arg(field);
        }
        let mut writing = trusted.server.writing.clone();
        let shown: Result<Vec<Option<String>>, RedisError> = pipe.query_async(&mut writing).await;
        let shown = shown.map_err(|error| {
            self.distrust(trusted, &error.to_string());
            Short::InJournal
        })?;
        let dead = |value: &Option<String>| {
            value.as_deref().and_then(decode).is_some_and(|cut| cut.reach == Reach::All)
        };
        if shown.len() == places.len() && shown.iter().all(dead) {
            return Ok(());
        }
        tracing::error!("the revocation list lacks what it says to hold; it is made anew from the journal");
        // Should it not go, it is found lacking again by the next that asks.
        let _gone: Result<(), RedisError> =
            redis::cmd("DEL").arg(self.keys.list()).query_async(&mut writing).await;
        self.distrust(trusted, "the list was not the journal's");
        Err(Short::InJournal)
    }

    /// Puts everything up to `seq` in force, and answers with how far that came.
    async fn one_round(&self, trusted: &Arc<Trusted>, seq: i64) -> Result<i64, Short> {
        let distrust = |error: StartError| {
            self.distrust(trusted, &chain(&error));
            Short::InJournal
        };
        self.apply_through(trusted, seq).await.map_err(distrust)?;
        let through = trusted.position.load(Ordering::SeqCst);
        let mut writing = trusted.server.writing.clone();
        reach_replicas(&self.settings, &self.keys, &mut writing, through).await?;
        // The leases of earlier terms must have run out.
        tokio::time::sleep(trusted.settles.left()).await;
        // And no later term may have begun: its builder may have read the journal before this entry was in it.
        match self.records.list_term().await {
            Ok(term) if term.number == trusted.term => Ok(through),
            Ok(_) => Err(distrust(StartError::TermOver)),
            Err(_) => Err(Short::InJournal),
        }
    }
}

/// Waits until everything written before, and a last write now, is on as many replicas and disks as configured.
pub(super) async fn reach_replicas(
    settings: &RedisSettings,
    keys: &Keyspace,
    writing: &mut MultiplexedConnection,
    number: i64,
) -> Result<(), Short> {
    let milliseconds = u64::try_from(settings.replicas_within.as_millis()).unwrap_or(u64::MAX);
    if settings.min_replicas > 0 {
        let waited: Result<((), u32), RedisError> = redis::pipe()
            .cmd("SET")
            .arg(keys.barrier())
            .arg(number)
            .cmd("WAIT")
            .arg(settings.min_replicas)
            .arg(milliseconds)
            .query_async(writing)
            .await;
        let ((), found) = waited.map_err(|_| Short::InJournal)?;
        if found < settings.min_replicas {
            return Err(Short::OnReplicas { found, wanted: settings.min_replicas });
        }
    }
    if settings.min_fsynced > 0 {
        let waited: Result<((), (u32, u32)), RedisError> = redis::pipe()
            .cmd("SET")
            .arg(keys.barrier())
            .arg(number)
            .cmd("WAITAOF")
            .arg(1)
            .arg(settings.min_fsynced - 1)
            .arg(milliseconds)
            .query_async(writing)
            .await;
        let ((), (own, others)) = waited.map_err(|_| Short::InJournal)?;
        if own + others < settings.min_fsynced {
            return Err(Short::OnDisks { found: own + others, wanted: settings.min_fsynced });
        }
    }
    Ok(())
}
