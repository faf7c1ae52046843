//! The revocation list in Redis: asked in one round trip, believed only on a connection that was compared with the
//! journal, and brought level with the journal whenever it is behind.
//!
//! A list has a *generation*, known to the database too, and a *position* in the journal. A check that meets another
//! generation, or a position before one that was seen, has met a Redis that forgot something: its answer does not
//! count, the connection is dropped, and the next one is trusted only after the list has been completed.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::{Mutex, Notify};

use super::super::records::{Records, StorageError};
use super::Undecided;
use super::keyspace::{APPLY, Keyspace, decode, encode};
use crate::model::cause::chain;
use crate::model::revocation::{Cut, Entry, Question, Subject};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a revocation can be in the journal and not in the list, if the replica that recorded it died in between.
const LEVEL_EVERY: Duration = Duration::from_secs(5);
const RETRY_EVERY: Duration = Duration::from_millis(200);
/// Entries a script call; small enough that Redis answers others in between.
const BATCH: i64 = 200;

/// Where the shared list is.
#[derive(Debug, Clone)]
pub struct RedisSettings {
    /// `redis://` or `rediss://` URL, which may hold a password.
    pub url: SecretString,
    /// What every key begins with.
    pub prefix: String,
}

/// The list could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The URL is not one that Redis clients understand.
    #[error("redis.url is not a Redis URL such as redis://127.0.0.1:6379")]
    Url,
    /// Redis may drop keys when its memory is full, and would then forget revocations.
    #[error(
        "Redis evicts keys when its memory is full (maxmemory-policy {0}), so it could forget a revocation; \
         set it with: CONFIG SET maxmemory-policy noeviction (and in redis.conf)"
    )]
    Evicts(String),
    /// Redis could not be asked.
    #[error("Redis could not be asked")]
    Redis(#[from] RedisError),
    /// The journal could not be read.
    #[error(transparent)]
    Journal(#[from] StorageError),
}

/// The list, and the connection that is trusted at the moment, if any.
#[derive(Debug)]
pub(super) struct RedisList {
    client: Client,
    keys: Keyspace,
    records: Records,
    trusted: RwLock<Option<Arc<Trusted>>>,
    /// Held while a connection is being made and compared, so that it is done once.
    connecting: Mutex<()>,
    lost: Notify,
}

/// A connection whose list had the database's generation and was level with the journal.
#[derive(Debug)]
struct Trusted {
    connection: MultiplexedConnection,
    generation: String,
    /// The furthest position seen through it; one before it means that something was forgotten.
    position: AtomicI64,
}

impl RedisList {
    /// Connects, refuses a Redis that may forget, and brings the list level with the journal.
    pub(super) async fn start(
        settings: &RedisSettings,
        records: Records,
    ) -> Result<Arc<RedisList>, StartError> {
        let client = Client::open(settings.url.expose_secret()).map_err(|_| StartError::Url)?;
        let list = Arc::new(RedisList {
            client,
            keys: Keyspace::new(&settings.prefix),
            records,
            trusted: RwLock::default(),
            connecting: Mutex::default(),
            lost: Notify::new(),
        });
        match list.connect().await {
            // What an operator must change stops the start; what may pass is waited for, refusing meanwhile.
            Err(error @ (StartError::Url | StartError::Evicts(_))) => return Err(error),
            Err(error) => {
                tracing::warn!(error = %chain(&error), "the revocation list is not available yet; nothing is accepted");
            }
            Ok(_) => {}
        }
        tokio::spawn(keep_connected(Arc::downgrade(&list)));
        Ok(list)
    }

    /// The strictest cut that covers the question, in one round trip.
    pub(super) async fn check(&self, question: &Question) -> Result<Option<Cut>, Undecided> {
        let trusted = self.trusted()?;
        let places = self.places(&question.subjects);
        // As one transaction: nothing is forgotten between the list's own answer and the others.
        let mut pipe = redis::pipe();
        pipe.atomic();
        for (key, fields) in &places {
            pipe.cmd("HMGET").arg(key).arg(fields);
        }
        // Answers may be looked at in another order than they came: what this one must not be behind is known before.
        let known = trusted.position.load(Ordering::SeqCst);
        let mut connection = trusted.connection.clone();
        let answer: Result<Vec<Vec<Option<String>>>, RedisError> = pipe.query_async(&mut connection).await;
        let answer = answer.map_err(|error| self.distrust(&trusted, &error.to_string()))?;
        let mut hashes = answer.into_iter();
        let mut list = hashes.next().unwrap_or_default().into_iter();
        let generation = list.next().flatten();
        let position = list.next().flatten().and_then(|text| text.parse::<i64>().ok());
        match (generation, position) {
            (Some(generation), Some(position)) if generation == trusted.generation && position >= known => {
                trusted.position.fetch_max(position, Ordering::SeqCst);
            }
            _ => return Err(self.distrust(&trusted, "the list has lost entries")),
        }
        let mut found: Option<Cut> = None;
        for value in list.chain(hashes.flatten()).flatten() {
            let cut = decode(&value).ok_or_else(|| self.distrust(&trusted, "a field is not a cut"))?;
            if cut.reach.covers(question.login) {
                found = Some(match found {
                    Some(other) => other.stricter(cut),
                    None => cut,
                });
            }
        }
        Ok(found)
    }

    /// Brings the list up to at least `through`, which is in the journal.
    pub(super) async fn apply_through(&self, through: i64) -> Result<(), Undecided> {
        let trusted = match self.trusted() {
            Ok(trusted) => trusted,
            Err(Undecided) => self.connect().await.map_err(|_| Undecided)?,
        };
        // A fresh connection is level with the journal, so past `through` already.
        while trusted.position.load(Ordering::SeqCst) < through {
            if let Err(error) = self.apply_more(&trusted).await {
                return Err(self.distrust(&trusted, &error.to_string()));
            }
        }
        Ok(())
    }

    /// Brings the list level with the journal. What fails here is noticed by the next check, or tried again.
    async fn level(&self) {
        if let Ok(journal) = self.records.journal_position().await {
            let _tried_again = self.apply_through(journal).await;
        }
    }

    /// The hashes to ask and the fields of each; the list's own comes first, with generation and position in front.
    fn places(&self, subjects: &[Subject]) -> Vec<(String, Vec<String>)> {
        let mut places = vec![(self.keys.list(), vec!["generation".to_owned(), "position".to_owned()])];
        for (key, field) in subjects.iter().map(|subject| self.keys.place(subject)) {
            match places.iter_mut().find(|(known, _)| *known == key) {
                Some((_, fields)) => fields.push(field),
                None => places.push((key, vec![field])),
            }
        }
        places
    }

    fn trusted(&self) -> Result<Arc<Trusted>, Undecided> {
        self.trusted.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or(Undecided)
    }

    /// Drops the trusted connection, unless another has taken its place, and wakes the one who makes the next.
    fn distrust(&self, which: &Arc<Trusted>, why: &str) -> Undecided {
        let mut trusted = self.trusted.write().unwrap_or_else(PoisonError::into_inner);
        if trusted.as_ref().is_some_and(|now| Arc::ptr_eq(now, which)) {
            *trusted = None;
            tracing::warn!(why, "the revocation list is not trusted any more; nothing is accepted");
            self.lost.notify_one();
        }
        Undecided
    }

    /// Makes a connection, compares its list with the journal, completes it, and trusts it.
    async fn connect(&self) -> Result<Arc<Trusted>, StartError> {
        let _one_at_a_time = self.connecting.lock().await;
        if let Ok(trusted) = self.trusted() {
            return Ok(trusted);
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(ANSWER_TIMEOUT));
        let mut connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        refuse_eviction(&mut connection).await?;
        let journal = self.records.journal_position().await?;
        let known = self.records.list_generation().await?;
        let (generation, position): (Option<String>, Option<i64>) = redis::cmd("HMGET")
            .arg(self.keys.list())
            .arg(&["generation", "position"])
            .query_async(&mut connection)
            .await?;
        let level = generation.as_deref() == Some(known.as_str());
        let (generation, position) = match position {
            Some(position) if level && position <= journal => (known, position),
            _ => {
                // Entries only ever add up, so what another replica writes meanwhile does no harm.
                tracing::warn!(journal, "the revocation list is rebuilt from the journal");
                let next = self.records.next_list_generation().await?;
                redis::cmd("HSET")
                    .arg(self.keys.list())
                    .arg(&["generation", next.as_str(), "position", "0"])
                    .query_async::<()>(&mut connection)
                    .await?;
                (next, 0)
            }
        };
        let trusted = Arc::new(Trusted { connection, generation, position: AtomicI64::new(position) });
        while trusted.position.load(Ordering::SeqCst) < journal {
            self.apply_more(&trusted).await?;
        }
        *self.trusted.write().unwrap_or_else(PoisonError::into_inner) = Some(trusted.clone());
        tracing::info!(position = journal, "the revocation list is level with the journal");
        Ok(trusted)
    }

    /// Applies the next entries of the journal, as many as go into one call.
    async fn apply_more(&self, trusted: &Trusted) -> Result<(), StartError> {
        let after = trusted.position.load(Ordering::SeqCst);
        let entries = self.records.journal_after(after, BATCH).await?;
        let mut call = redis::cmd("EVAL");
        call.arg(APPLY).arg(entries.len() + 1).arg(self.keys.list());
        let places: Vec<_> = entries.iter().map(|entry| self.keys.place(&entry.revocation.subject)).collect();
        for (key, _) in &places {
            call.arg(key);
        }
        call.arg(trusted.generation.as_str());
        for ((_, field), Entry { seq, revocation }) in places.iter().zip(&entries) {
            let forget = revocation.forget_at.map_or(String::new(), |moment| moment.micros().to_string());
            call.arg(*seq).arg(field).arg(encode(&revocation.cut)).arg(forget);
        }
        let reached: i64 = call.query_async(&mut trusted.connection.clone()).await?;
        trusted.position.fetch_max(reached, Ordering::SeqCst);
        Ok(())
    }
}

/// Refuses a Redis that drops keys under memory pressure.
async fn refuse_eviction(connection: &mut MultiplexedConnection) -> Result<(), StartError> {
    let memory: String = redis::cmd("INFO").arg("memory").query_async(connection).await?;
    let policy = memory.lines().find_map(|line| line.trim().strip_prefix("maxmemory_policy:"));
    match policy {
        None | Some("noeviction") => Ok(()),
        Some(policy) => Err(StartError::Evicts(policy.to_owned())),
    }
}

/// Makes a new connection whenever the trusted one was lost, until the list itself is dropped.
async fn keep_connected(list: std::sync::Weak<RedisList>) {
    loop {
        let Some(list) = list.upgrade() else { return };
        if list.trusted().is_err() {
            if let Err(error) = list.connect().await {
                tracing::warn!(error = %chain(&error), "the revocation list is not available; nothing is accepted");
                drop(list);
                tokio::time::sleep(RETRY_EVERY).await;
            }
            continue;
        }
        // Woken at once when the connection is lost. The timer completes what a replica recorded before it died, and
        // notices that the list itself is gone.
        if tokio::time::timeout(LEVEL_EVERY, list.lost.notified()).await.is_err() {
            list.level().await;
        }
    }
}
