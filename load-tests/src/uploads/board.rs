//! Who is doing what at the moment, and how long each of it takes: what a kill or a revocation is aimed by.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// Where a signed upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Phase {
    Receiving,
    Received,
    Pushing,
    Waiting,
    Asserting,
    Polling,
    Registering,
}

impl Phase {
    pub(crate) const ALL: [Phase; 7] = [
        Phase::Receiving,
        Phase::Received,
        Phase::Pushing,
        Phase::Waiting,
        Phase::Asserting,
        Phase::Polling,
        Phase::Registering,
    ];

    /// In words that go on after "while".
    pub(crate) fn words(self) -> &'static str {
        match self {
            Phase::Receiving => "bytes come in",
            Phase::Received => "nothing is asked, after the bytes",
            Phase::Pushing => "it is pushed",
            Phase::Waiting => "the push waits for its assertion",
            Phase::Asserting => "the assertion is posted",
            Phase::Polling => "the status is polled",
            Phase::Registering => "a key is registered",
        }
    }
}

/// What each client is at.
#[derive(Debug)]
pub(crate) struct Board {
    inner: Mutex<Inner>,
    changed: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Inner {
    at: Vec<Option<Entry>>,
    /// How long each took that nothing interrupted, as a mean that forgets.
    takes: HashMap<Phase, Duration>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    phase: Phase,
    since: Instant,
    interrupted: bool,
}

impl Board {
    pub(crate) fn of(clients: usize) -> Board {
        let inner = Inner { at: vec![None; clients], ..Inner::default() };
        Board { inner: Mutex::new(inner), changed: watch::Sender::new(()) }
    }

    /// A client begins with this.
    pub(crate) fn enter(&self, who: usize, phase: Phase) {
        self.set(who, Some(phase));
    }

    /// A client is at nothing.
    pub(crate) fn leave(&self, who: usize) {
        self.set(who, None);
    }

    /// Where a client is.
    pub(crate) fn at(&self, who: usize) -> Option<Phase> {
        self.inner().at.get(who).copied().flatten().map(|entry| entry.phase)
    }

    /// Waits until a client begins with this; `false` if none does for so long.
    pub(crate) async fn entered(&self, phase: Phase, patience: Duration) -> bool {
        let from = Instant::now();
        let mut changed = self.changed.subscribe();
        let begins = async {
            loop {
                let entered = |entry: &Entry| entry.phase == phase && entry.since >= from;
                if self.inner().at.iter().flatten().any(entered) {
                    return;
                }
                // The sender is as old as the board.
                let _open = changed.changed().await;
            }
        };
        tokio::time::timeout(patience, begins).await.is_ok()
    }

    /// How long this takes.
    pub(crate) fn takes(&self, phase: Phase) -> Duration {
        self.inner().takes.get(&phase).copied().unwrap_or(Duration::from_millis(5))
    }

    /// A kill came: what is under way now is no measure. Answers with where everybody was.
    pub(crate) fn interrupted(&self) -> Vec<Phase> {
        let mut were = Vec::new();
        for entry in self.inner().at.iter_mut().flatten() {
            were.push(entry.phase);
            entry.interrupted = true;
        }
        were
    }

    fn set(&self, who: usize, phase: Option<Phase>) {
        let now = Instant::now();
        let mut inner = self.inner();
        let next = phase.map(|phase| Entry { phase, since: now, interrupted: false });
        let before = inner.at.get_mut(who).and_then(|at| std::mem::replace(at, next));
        if let Some(Entry { phase, since, interrupted: false }) = before {
            let took = now - since;
            let mean = inner.takes.entry(phase).or_insert(took);
            *mean = (*mean * 7 + took) / 8;
        }
        drop(inner);
        self.changed.send_replace(());
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_is_where_and_how_long_it_takes_is_known() {
        let board = Board::of(2);
        board.enter(0, Phase::Pushing);
        assert_eq!((board.at(0), board.at(1)), (Some(Phase::Pushing), None));
        assert!(!board.entered(Phase::Pushing, Duration::ZERO).await, "it began before");
        board.enter(1, Phase::Polling);
        assert_eq!(board.interrupted(), [Phase::Pushing, Phase::Polling]);
        let guess = board.takes(Phase::Pushing);
        board.leave(0);
        assert_eq!(board.takes(Phase::Pushing), guess, "what was interrupted is no measure");
        board.enter(0, Phase::Receiving);
        board.leave(0);
        assert!(board.takes(Phase::Receiving) < guess);
    }
}
