//! Coming to trust a Redis: its home and term compared with the database, its list brought level with the journal, by
//! one service of all that find it wanting; and trust renewed as long as the term lasts.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use super::lease::{Until, since_boot};
use super::server::{Server, refuse_eviction};
use super::{RedisList, StartError, Trusted, acknowledge};
use crate::records::{Page, Term};
use crate::revocations::ListUnavailable;
use crate::revocations::keyspace::{APPLY, BEGIN, encode};
use model::cause::chain;
use revocation::{Action, Entry};

const RETRY_EVERY: Duration = Duration::from_millis(200);
/// Entries a script call; small enough that Redis answers others in between.
const BATCH: i64 = 500;
/// How much longer than a lease is waited, for clocks that do not run alike.
const MARGIN: Duration = Duration::from_millis(200);
/// A builder that is not heard of for so long has died.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was last seen of a builder elsewhere, and when.
#[derive(Debug, Default)]
pub(super) struct Watched {
    term: i64,
    beats: i64,
    since: Duration,
}

impl Watched {
    /// Whether the builder of this term still shows that it lives.
    fn is_at_work(&mut self, term: &Term) -> bool {
        if (self.term, self.beats) != (term.number, term.beats) {
            *self = Watched { term: term.number, beats: term.beats, since: since_boot() };
        }
        since_boot().saturating_sub(self.since) < PATIENCE
    }
}

/// Trusts a server for the first time, and goes on in the background for as long as the list is there.
pub(super) async fn start(list: &Arc<RedisList>) -> Result<(), StartError> {
    match list.connect().await {
        // What an operator must change stops the start; what may pass is waited for, refusing meanwhile.
        Err(error) if error.is_for_good() => return Err(error),
        Err(error) => {
            tracing::warn!(error = %chain(&error), "the revocation list is not available yet; nothing is accepted");
        }
        Ok(_) => {}
    }
    tokio::spawn(keep_trusted(Arc::downgrade(list)));
    Ok(())
}

impl RedisList {
    /// Finds the server, has the database confirm it as the list's home, or makes it that, and trusts it.
    pub(super) async fn connect(&self) -> Result<Arc<Trusted>, StartError> {
        let mut watched = self.connecting.lock().await;
        if let Ok(trusted) = self.trusted() {
            return Ok(trusted);
        }
        let mut server = Server::find(&self.settings, &self.keys).await?;
        let installation = self.records.installation().await?.to_string();
        let asked = since_boot();
        let term = self.records.list_term().await?;
        let (known, listed, position): (Option<String>, Option<i64>, Option<i64>) = redis::cmd("HMGET")
            .arg(self.keys.list())
            .arg(&["installation", "term", "position"])
            .query_async(&mut server.writing)
            .await?;
        let here = term.home == server.home
            && known.as_deref() == Some(installation.as_str())
            && listed == Some(term.number);
        let trusted = match position {
            Some(position) if here && term.built => {
                // Read after the list was, so that it can't be behind what others add meanwhile.
                if position > self.records.journal_position().await? {
                    return Err(StartError::Ahead(self.keys.list()));
                }
                let trusted = self.trusting(server, installation, term.number, position, asked);
                if term.settled {
                    trusted.settles.end();
                }
                self.level(&trusted).await?;
                trusted
            }
            _ if !term.built && watched.is_at_work(&term) => return Err(StartError::BeingBuilt),
            _ => self.begin_term(server, installation, &term).await?,
        };
        let trusted = Arc::new(trusted);
        *self.trusted.write().unwrap_or_else(PoisonError::into_inner) = Some(trusted.clone());
        let position = trusted.position.load(Ordering::SeqCst);
        tracing::info!(term = trusted.term, position, "the revocation list is level with the journal");
        Ok(trusted)
    }

    /// Makes this server the home of the list's next term.
    async fn begin_term(
        &self,
        mut server: Server,
        installation: String,
        last: &Term,
    ) -> Result<Trusted, StartError> {
        // A primary that nobody follows any more must not take the list from the one that they do follow.
        acknowledge::reach_replicas(&self.settings, &self.keys, &mut server.writing, last.number)
            .await
            .map_err(acknowledge::Short::as_start_error)?;
        let Some(number) = self.records.claim_list_term(last.number, &server.home).await? else {
            return Err(StartError::BeingBuilt);
        };
        let claimed = since_boot();
        // Read after the claim: whoever acknowledges in an earlier term after this finds that it is over.
        let journal = self.records.journal_position().await?;
        let begun: Result<i64, redis::RedisError> = redis::cmd("EVAL")
            .arg(BEGIN)
            .arg(1)
            .arg(self.keys.list())
            .arg(&installation)
            .arg(number)
            .arg(journal)
            .query_async(&mut server.writing)
            .await;
        let position = begun.map_err(|error| match error.code() {
            Some("FENCED") => StartError::TermOver,
            Some("AHEAD") => StartError::Ahead(self.keys.list()),
            _ => error.into(),
        })?;
        if journal - position > BATCH {
            tracing::warn!(term = number, entries = journal - position, "the revocation list is rebuilt");
        }
        let trusted = self.trusting(server, installation, number, position, claimed);
        if last.number == 0 {
            // There was no term before.
            trusted.settles.end();
        }
        self.level(&trusted).await?;
        let confirmed = since_boot();
        if !self.records.built_list_term(number).await? {
            return Err(StartError::TermOver);
        }
        trusted.lease.extend(confirmed + self.settings.lease);
        Ok(trusted)
    }

    /// A server that is the list's home by what the database said when it was asked at `asked`.
    fn trusting(
        &self,
        server: Server,
        installation: String,
        term: i64,
        position: i64,
        asked: Duration,
    ) -> Trusted {
        Trusted {
            server,
            installation,
            term,
            position: AtomicI64::new(position),
            lease: Until::new(asked + self.settings.lease),
            // Counted from when this service knows of the term: at its beginning or later.
            settles: Until::new(since_boot() + self.settings.lease + MARGIN),
            acknowledging: tokio::sync::Mutex::default(),
        }
    }

    /// Applies everything that is in the journal now, telling those who wait for it that someone is at work.
    async fn level(&self, trusted: &Trusted) -> Result<(), StartError> {
        let mut page = self.page_after(trusted).await?;
        let mut beaten = since_boot();
        loop {
            let through = page.through;
            let done = through == trusted.position.load(Ordering::SeqCst);
            if done {
                return Ok(());
            }
            // The next page is read while this one is applied.
            let next = self.records.journal_after(through, BATCH, self.clock.now());
            let (applied, next) = tokio::join!(self.apply(trusted, &page), next);
            applied?;
            page = next?;
            if since_boot().saturating_sub(beaten) > PATIENCE / 10 {
                beaten = since_boot();
                if !self.records.beat_list_term(trusted.term).await? {
                    return Err(StartError::TermOver);
                }
            }
        }
    }

    /// Brings the list up to at least `through`, which is in the journal.
    pub(super) async fn apply_through(&self, trusted: &Trusted, through: i64) -> Result<(), StartError> {
        while trusted.position.load(Ordering::SeqCst) < through {
            let page = self.page_after(trusted).await?;
            if page.through == page.after {
                return Err(StartError::Ahead(self.keys.list()));
            }
            self.apply(trusted, &page).await?;
        }
        Ok(())
    }

    async fn page_after(&self, trusted: &Trusted) -> Result<Page, StartError> {
        let after = trusted.position.load(Ordering::SeqCst);
        Ok(self.records.journal_after(after, BATCH, self.clock.now()).await?)
    }

    async fn apply(&self, trusted: &Trusted, page: &Page) -> Result<(), StartError> {
        let Page { after, entries, through } = page;
        let mut call = redis::cmd("EVAL");
        call.arg(APPLY).arg(entries.len() + 1).arg(self.keys.list());
        let places: Vec<_> = entries.iter().map(|entry| self.keys.place(&entry.subject)).collect();
        for (key, _) in &places {
            call.arg(key);
        }
        call.arg(trusted.term).arg(*after).arg(*through);
        for ((_, field), Entry { seq, deed, forget_at, .. }) in places.iter().zip(entries) {
            let (value, deed) = match deed {
                Action::Revoke(cut) => (encode(cut), "cut"),
                Action::Lift(lift) => (lift.left.as_ref().map_or_else(String::new, encode), "lift"),
            };
            let forget =
                forget_at.map_or_else(String::new, |moment| (moment.micros() / 1_000 + 1).to_string());
            call.arg(*seq).arg(field).arg(value).arg(forget).arg(deed);
        }
        let reached: i64 = call.query_async(&mut trusted.server.writing.clone()).await?;
        trusted.position.fetch_max(reached, Ordering::SeqCst);
        Ok(())
    }

    /// Asks the database whether the term still counts, and completes what another service recorded before it died.
    async fn renew(&self, trusted: &Arc<Trusted>) -> Result<(), StartError> {
        let (asked, position) = (since_boot(), trusted.position.load(Ordering::SeqCst));
        let term = self.records.list_term().await?;
        if position > term.journal {
            return Err(StartError::Ahead(self.keys.list()));
        }
        if term.number != trusted.term {
            self.distrust(trusted, "the list has begun another term");
            return Ok(());
        }
        trusted.lease.extend(asked + self.settings.lease);
        if term.settled {
            trusted.settles.end();
        } else if trusted.settles.left().is_zero() {
            self.records.settled_list_term(term.number).await?;
        }
        refuse_eviction(&mut trusted.server.writing.clone()).await?;
        self.apply_through(trusted, term.journal).await
    }
}

/// Renews trust again and again, and finds a new server whenever the trusted one was lost, until the list is dropped.
async fn keep_trusted(list: Weak<RedisList>) {
    let mut said = String::new();
    loop {
        let Some(list) = list.upgrade() else { return };
        let pause = match list.trusted() {
            Err(ListUnavailable) => match list.connect().await {
                Ok(_) => {
                    said.clear();
                    Duration::ZERO
                }
                Err(error) => {
                    // Once, not five times a second.
                    let why = chain(&error);
                    if why != said {
                        tracing::warn!(
                            error = why,
                            "the revocation list is not available; nothing is accepted"
                        );
                        said = why;
                    }
                    RETRY_EVERY
                }
            },
            Ok(trusted) => {
                match list.renew(&trusted).await {
                    // The database may come back before the lease ends; Redis is not what it was.
                    Err(StartError::Journal(error)) => {
                        tracing::warn!(error = %chain(&error), "the term of the revocation list could not be confirmed");
                    }
                    Err(error) => drop(list.distrust(&trusted, &chain(&error))),
                    Ok(()) => {}
                }
                list.settings.lease / 4
            }
        };
        // Woken at once when trust is lost.
        let wake = list.lost.notified();
        drop(tokio::time::timeout(pause, wake).await);
    }
}
