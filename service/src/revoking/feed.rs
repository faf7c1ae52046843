//! Watching the journal: its entries in their order, and the statement that up to some moment there were no others.
//!
//! A [`Checkpoint`] is what makes a list kept elsewhere trustworthy: the clock was read first and the journal's position
//! then, so whatever was acknowledged before `as_of` is among the entries up to `position`. It is given out only behind
//! all of those. What can't be read ends the watching; nothing is ever concluded from silence.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use timestamp::Timestamp;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use model::clock::Clock;
use revocation::Entry;
use storage::records::{Records, StorageError};

/// How often the journal is looked at, whatever the number of watchers.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How often a watcher is told how far the journal has come.
const LEVEL_EVERY: Duration = Duration::from_secs(1);
/// How long the database may take before a watcher is let go.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many entries are held in memory for one watcher.
const PAGE: i64 = 500;

/// How far the journal had come at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The number of its last entry then, or a later one's.
    pub position: i64,
    /// The moment, by this process's clock.
    pub as_of: Timestamp,
}

/// Why nothing more can be told.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// There are fewer entries than the watcher has seen: of another journal, or of one that was lost.
    #[error("the journal ends before that entry")]
    Beyond {
        /// Where it ends.
        position: i64,
    },
    /// It could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// It could not be read in time.
    #[error("the database did not answer in time")]
    Slow,
}

/// What all watchers of a process share: one look at the journal serves them all.
#[derive(Debug)]
pub struct Feed {
    records: Records,
    clock: Clock,
    last: Mutex<Option<(Instant, Checkpoint)>>,
    over: AtomicBool,
}

impl Feed {
    /// Of this journal. Nothing is read before somebody watches.
    pub fn new(records: Records, clock: Clock) -> Arc<Feed> {
        Arc::new(Feed { records, clock, last: Mutex::default(), over: AtomicBool::new(false) })
    }

    /// Begins to watch behind the entry `after`; 0 is before the first.
    pub async fn after(self: &Arc<Feed>, after: i64) -> Result<Subscriber, FeedError> {
        let mut level = self.level().await?;
        if after > level.position {
            // It may have been told at another replica, since this one looked last.
            *self.last.lock().await = None;
            level = self.level().await?;
        }
        if after > level.position {
            return Err(FeedError::Beyond { position: level.position });
        }
        Ok(Subscriber { feed: self.clone(), sent: after, told: None })
    }

    /// Ends all watching, because the process is about to stop.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    async fn level(&self) -> Result<Checkpoint, FeedError> {
        timeout(PATIENCE, self.look()).await.map_err(|_| FeedError::Slow)?
    }

    async fn look(&self) -> Result<Checkpoint, FeedError> {
        let mut last = self.last.lock().await;
        if let Some((at, level)) = *last
            && at.elapsed() < LOOK_EVERY
        {
            return Ok(level);
        }
        // In this order: an entry that is acknowledged between the two is told too early, never too late.
        let as_of = self.clock.now();
        let position = self.records.journal_position().await?;
        let level = Checkpoint { position, as_of };
        *last = Some((Instant::now(), level));
        Ok(level)
    }
}

/// Something to tell a watcher.
#[derive(Debug)]
pub enum FeedItem {
    /// The next entries, in their order. Those that may be forgotten already are left out.
    Entries(Vec<Entry>),
    /// Everything up to this position has been told.
    Checkpoint(Checkpoint),
}

/// One watcher's place in the journal. Reads on only when it is asked to, so a slow watcher fills no memory.
#[derive(Debug)]
pub struct Subscriber {
    feed: Arc<Feed>,
    sent: i64,
    told: Option<Instant>,
}

impl Subscriber {
    /// Waits for something to tell; `None` when the process is about to stop.
    pub async fn next(&mut self) -> Result<Option<FeedItem>, FeedError> {
        loop {
            if self.feed.over.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let level = self.feed.level().await?;
            if level.position < self.sent {
                return Err(FeedError::Beyond { position: level.position });
            }
            if level.position > self.sent {
                let entries = timeout(PATIENCE, self.page(level)).await.map_err(|_| FeedError::Slow)??;
                return Ok(Some(FeedItem::Entries(entries)));
            }
            if self.told.is_none_or(|told| told.elapsed() >= LEVEL_EVERY) {
                self.told = Some(Instant::now());
                return Ok(Some(FeedItem::Checkpoint(level)));
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// The next page, which ends at the level at the latest: numbers have no gaps, so as many entries are left.
    async fn page(&mut self, level: Checkpoint) -> Result<Vec<Entry>, FeedError> {
        let (limit, now) = ((level.position - self.sent).min(PAGE), self.feed.clock.now());
        let page = self.feed.records.journal_after(self.sent, limit, now).await?;
        if page.through <= self.sent || page.through > level.position {
            return Err(StorageError::Corrupt("journal").into());
        }
        self.sent = page.through;
        Ok(page.entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ids::TokenId;
    use revocation::{NewRevocation, Reach, Revocation, Subject};

    struct Journal {
        records: Records,
        clock: Clock,
        _directory: tempfile::TempDir,
    }

    impl Journal {
        async fn open() -> Journal {
            let directory = tempfile::tempdir().unwrap();
            let records = Records::open_file(directory.path()).await.unwrap();
            Journal { records, clock: Clock::system(), _directory: directory }
        }

        fn feed(&self) -> Arc<Feed> {
            Feed::new(self.records.clone(), self.clock.clone())
        }

        async fn cut(&self, number: usize, forget_at: Option<Timestamp>) {
            let cut = Revocation { reach: Reach::All, at: self.clock.now(), reason: String::new() };
            let cuts = std::iter::repeat_with(|| NewRevocation {
                subject: Subject::Family(TokenId::generate()),
                cut: cut.clone(),
                actor: "somebody".to_owned(),
                leaked: false,
                forget_at,
            });
            self.records.record_revocations(&cuts.take(number).collect::<Vec<_>>()).await.unwrap();
        }
    }

    async fn entries(subscriber: &mut Subscriber) -> Vec<i64> {
        match subscriber.next().await.unwrap().unwrap() {
            FeedItem::Entries(entries) => entries.iter().map(|entry| entry.seq).collect(),
            FeedItem::Checkpoint(level) => panic!("entries were due, not {level:?}"),
        }
    }

    async fn level(subscriber: &mut Subscriber) -> Checkpoint {
        match subscriber.next().await.unwrap().unwrap() {
            FeedItem::Checkpoint(level) => level,
            FeedItem::Entries(entries) => panic!("a level was due, not {entries:?}"),
        }
    }

    #[tokio::test]
    async fn the_level_is_told_behind_all_that_it_speaks_of() {
        let journal = Journal::open().await;
        let (began, mut subscriber) = (journal.clock.now(), journal.feed().after(0).await.unwrap());
        let empty = level(&mut subscriber).await;
        assert_eq!(empty.position, 0);
        assert!(began <= empty.as_of && empty.as_of <= journal.clock.now());
        journal.cut(1_100, None).await;
        let acknowledged = journal.clock.now();
        for page in [1..=500, 501..=1_000, 1_001..=1_100] {
            assert_eq!(entries(&mut subscriber).await, page.collect::<Vec<_>>());
        }
        let full = level(&mut subscriber).await;
        assert_eq!(full.position, 1_100);
        assert!(acknowledged <= full.as_of, "what is counted was read behind the acknowledgement");
    }

    #[tokio::test]
    async fn what_may_be_forgotten_is_left_out_and_counted() {
        let journal = Journal::open().await;
        journal.cut(3, journal.clock.now().add_secs(-1)).await;
        journal.cut(1, None).await;
        let mut subscriber = journal.feed().after(1).await.unwrap();
        assert_eq!(entries(&mut subscriber).await, [4]);
        assert_eq!(level(&mut subscriber).await.position, 4);
    }

    #[tokio::test]
    async fn nobody_watches_behind_the_end_and_nothing_is_told_of_what_cannot_be_read() {
        let journal = Journal::open().await;
        journal.cut(2, None).await;
        let feed = journal.feed();
        let refused = feed.after(3).await.err().unwrap();
        assert!(matches!(refused, FeedError::Beyond { position: 2 }), "{refused:?}");
        let mut subscriber = feed.after(2).await.unwrap();
        assert_eq!(level(&mut subscriber).await.position, 2);
        journal.records.close().await;
        let ended = subscriber.next().await.err().unwrap();
        assert!(matches!(ended, FeedError::Storage(_)), "{ended:?}");
        assert!(feed.after(2).await.is_err());
        feed.end();
        assert!(subscriber.next().await.unwrap().is_none());
    }
}
