//! The revocation list in Redis: asked in one round trip, and believed only while the database says that this very
//! process of Redis is the list's home.
//!
//! The database holds the list's *term* (`records/list_terms.rs`): a number, and the home. A service that was told the
//! term believes the answers of that home for the time of a *lease*, and asks the database again long before it ends.
//! Whoever finds the list elsewhere begins the next term, and there nothing is acknowledged before the leases of
//! the terms before have run out. So no service can go on believing in a Redis that acknowledged revocations pass by,
//! whatever is cut off from whatever. `trust.rs` begins terms, `acknowledge.rs` acknowledges.

mod acknowledge;
mod lease;
mod server;
mod settings;
mod trust;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use redis::RedisError;
use tokio::sync::{Mutex, Notify};

use super::super::records::{Records, StorageError};
use super::ListUnavailable;
use super::keyspace::{Keyspace, decode};
use model::clock::Clock;
use revocation::{Revocation, RevocationQuery, Subject};

pub use acknowledge::Short;
use lease::Until;
use server::Server;
pub use settings::{RedisSettings, RedisTls, RedisTopology, RedisUser};

/// The list could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Redis may drop keys when its memory is full, and would then forget revocations.
    #[error(
        "Redis evicts keys when its memory is full (maxmemory-policy {0}), so it could forget a revocation; \
         set it with: CONFIG SET maxmemory-policy noeviction (and in redis.conf)"
    )]
    Evicts(String),
    /// It lacks a command.
    #[error("this Redis is too old: {why} needs {wanted} or newer")]
    TooOld {
        /// The version that is needed.
        wanted: &'static str,
        /// For what.
        why: &'static str,
    },
    /// Two connections to one address came to two servers.
    #[error("one Redis URL leads to several servers: name one server, or use Sentinel or Cluster")]
    TwoServers,
    /// A replica takes no revocations.
    #[error("the Redis that was found is a replica, not the primary")]
    NotPrimary,
    /// It does not take a write.
    #[error("Redis does not take a write, or not in time")]
    Silent,
    /// It does not say which run of which server it is.
    #[error("Redis does not say who it is: its user needs the command INFO")]
    Unidentified,
    /// No Sentinel knows the primary.
    #[error("no Sentinel answered with the address of '{0}'")]
    NoSentinel(String),
    /// No node of the cluster answered.
    #[error("no node of the Redis cluster answered with the place of our slot")]
    NoClusterNode,
    /// Too few replicas follow, so this may be a primary that the rest has given up.
    #[error("{found} of {wanted} Redis replicas follow this primary")]
    TooFewReplicas {
        /// How many have confirmed a write.
        found: u32,
        /// How many must.
        wanted: u32,
    },
    /// The database has lost what was acknowledged.
    #[error(
        "the revocation list knows entries that the journal has not: the database lost revocations. Bring its newest \
         state back; or accept the loss with: DEL {0} (in Redis)"
    )]
    Ahead(String),
    /// Another service is making the list.
    #[error("another service rebuilds the revocation list")]
    BeingBuilt,
    /// The term ended while its list was being made.
    #[error("another service has begun a later term of the revocation list")]
    TermOver,
    /// Redis could not be asked.
    #[error("Redis could not be asked")]
    Redis(#[from] RedisError),
    /// The journal could not be read.
    #[error(transparent)]
    Journal(#[from] StorageError),
}

impl StartError {
    /// Whether an operator must change something before it can ever work.
    fn is_for_good(&self) -> bool {
        matches!(self, StartError::Evicts(_) | StartError::TooOld { .. })
    }
}

/// The list, and the Redis that is believed at the moment, if any.
#[derive(Debug)]
pub(super) struct RedisList {
    settings: RedisSettings,
    keys: Keyspace,
    records: Records,
    clock: Clock,
    trusted: RwLock<Option<Arc<Trusted>>>,
    /// Held while a server is being found and compared, so that it is done once; and what was seen of its builder.
    connecting: Mutex<trust::Watched>,
    lost: Notify,
}

/// A server that was the list's home, and level with the journal, when it was last compared.
#[derive(Debug)]
struct Trusted {
    server: Server,
    installation: String,
    term: i64,
    /// The furthest position seen through it; one before it means that something was forgotten.
    position: AtomicI64,
    /// How long it may be believed.
    lease: Until,
    /// When every lease of the terms before has run out.
    settles: Until,
    acknowledging: Mutex<acknowledge::Round>,
}

impl RedisList {
    /// Finds the server, refuses one that may forget, and brings the list level with the journal.
    pub(super) async fn start(
        settings: &RedisSettings,
        records: Records,
        clock: Clock,
    ) -> Result<Arc<RedisList>, StartError> {
        let list = Arc::new(RedisList {
            settings: settings.clone(),
            keys: Keyspace::new(&settings.prefix),
            records,
            clock,
            trusted: RwLock::default(),
            connecting: Mutex::default(),
            lost: Notify::new(),
        });
        trust::start(&list).await?;
        Ok(list)
    }

    /// The strictest cut that covers the question, in one round trip.
    pub(super) async fn check(
        &self,
        question: &RevocationQuery,
    ) -> Result<Option<Revocation>, ListUnavailable> {
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
        let mut connection = trusted.server.asking.clone();
        let answer: Result<Vec<Vec<Option<String>>>, RedisError> = pipe.query_async(&mut connection).await;
        let answer = answer.map_err(|error| self.distrust(&trusted, &error.to_string()))?;
        let mut hashes = answer.into_iter();
        let mut list = hashes.next().unwrap_or_default().into_iter();
        let installation = list.next().flatten();
        let term = list.next().flatten().and_then(|text| text.parse::<i64>().ok());
        let position = list.next().flatten().and_then(|text| text.parse::<i64>().ok());
        match (installation, term, position) {
            (Some(installation), Some(term), Some(position))
                if installation == trusted.installation && term == trusted.term && position >= known =>
            {
                trusted.position.fetch_max(position, Ordering::SeqCst);
            }
            _ => return Err(self.distrust(&trusted, "the list has lost entries, or has another term")),
        }
        let mut found: Option<Revocation> = None;
        for value in list.chain(hashes.flatten()).flatten() {
            let cut = decode(&value).ok_or_else(|| self.distrust(&trusted, "a field is not a cut"))?;
            if cut.reach.covers(question.login) {
                found = Some(match found {
                    Some(other) => other.stricter(cut),
                    None => cut,
                });
            }
        }
        // Asked last: whatever was answered while the lease held was answered before a later term acknowledged anything.
        if trusted.lease.left().is_zero() {
            return Err(ListUnavailable);
        }
        Ok(found)
    }

    /// The hashes to ask and the fields of each; the list's own comes first, with what it says of itself in front.
    fn places(&self, subjects: &[Subject]) -> Vec<(String, Vec<String>)> {
        let itself = ["installation", "term", "position"].map(str::to_owned).to_vec();
        let mut places = vec![(self.keys.list(), itself)];
        for (key, field) in subjects.iter().map(|subject| self.keys.place(subject)) {
            match places.iter_mut().find(|(known, _)| *known == key) {
                Some((_, fields)) => fields.push(field),
                None => places.push((key, vec![field])),
            }
        }
        places
    }

    fn trusted(&self) -> Result<Arc<Trusted>, ListUnavailable> {
        self.trusted.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or(ListUnavailable)
    }

    /// Drops the trusted server, unless another has taken its place, and wakes the one who finds the next.
    fn distrust(&self, which: &Arc<Trusted>, why: &str) -> ListUnavailable {
        which.lease.end();
        let mut trusted = self.trusted.write().unwrap_or_else(PoisonError::into_inner);
        if trusted.as_ref().is_some_and(|now| Arc::ptr_eq(now, which)) {
            *trusted = None;
            tracing::warn!(why, "the revocation list is not trusted any more; nothing is accepted");
            self.lost.notify_one();
        }
        ListUnavailable
    }
}
