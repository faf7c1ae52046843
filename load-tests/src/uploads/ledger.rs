//! What the clients of a run know, on one clock: the files they have, what they were promised, and everything that
//! happened.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::breaker::history::At;

/// Lines that are shown of a history.
const SHOWN: usize = 60;

/// A file that somebody has, and what its publisher says of it.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) who: usize,
    /// The id of the snap it is for.
    pub(crate) snap: String,
    pub(crate) size: u64,
    /// The key that signed it and the assertion; `None` for one that was never signed, or by no key of its publisher.
    pub(crate) signed: Option<(String, String)>,
}

/// A push that was answered with 202.
#[derive(Debug, Clone)]
pub(crate) struct Pushed {
    pub(crate) who: usize,
    pub(crate) snap: String,
    pub(crate) digest: String,
    /// What its status said in the end.
    pub(crate) told: Option<Told>,
}

/// What a status says once a push is processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// `ready_to_release`: it is this revision.
    Ready(i64),
    /// The snap has this file as this revision.
    Duplicate(i64),
    Refused(String),
}

/// What the service has promised: each of these was answered with a success.
#[derive(Debug, Clone, Default)]
pub(crate) struct Promised {
    /// Uploads by id, each with its file's digest. Those that were made old are none any more.
    pub(crate) received: HashMap<String, String>,
    /// By the push's id.
    pub(crate) pushes: HashMap<String, Pushed>,
    /// Digests of files whose assertion was taken on its own.
    pub(crate) builds: Vec<String>,
    /// Registered keys, each with its account.
    pub(crate) keys: HashMap<String, String>,
}

/// Everything that is known.
#[derive(Debug, Default)]
pub(crate) struct Books {
    /// By the digest, in lower-case hexadecimal.
    pub(crate) files: HashMap<String, Known>,
    pub(crate) promised: Promised,
    lines: Vec<Line>,
    /// Answers that should never be given.
    pub(crate) oddities: Vec<(At, String)>,
}

#[derive(Debug)]
struct Line {
    at: At,
    /// `None`: it concerns everybody.
    who: Option<usize>,
    text: String,
}

/// The books, and the clock of the run.
#[derive(Debug)]
pub(crate) struct Ledger {
    start: Instant,
    books: Mutex<Books>,
}

impl Ledger {
    pub(crate) fn begin() -> Ledger {
        Ledger { start: Instant::now(), books: Mutex::default() }
    }

    pub(crate) fn now(&self) -> At {
        self.start.elapsed()
    }

    /// The books as they are; others wait meanwhile.
    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what happened to one client, or to all.
    pub(crate) fn note(&self, who: Option<usize>, text: impl Into<String>) {
        let line = Line { at: self.now(), who, text: text.into() };
        self.books().lines.push(line);
    }

    /// Notes what should never happen.
    pub(crate) fn odd(&self, who: usize, text: impl Into<String>) {
        let (at, text) = (self.now(), text.into());
        self.note(Some(who), format!("ODD: {text}"));
        self.books().oddities.push((at, format!("client {who}: {text}")));
    }
}

impl Books {
    /// The last that happened to a client, and to all, as lines of text; without a client, to anybody.
    pub(crate) fn history(&self, who: Option<usize>) -> Vec<String> {
        let concerns = |line: &&Line| who.is_none() || line.who.is_none() || line.who == who;
        let mut lines: Vec<String> = self
            .lines
            .iter()
            .rev()
            .filter(concerns)
            .take(SHOWN)
            .map(|line| {
                let who = line.who.map_or("all".to_owned(), |who| format!("client {who}"));
                format!("{:10.4}s {who}: {}", line.at.as_secs_f64(), line.text)
            })
            .collect();
        lines.reverse();
        lines
    }
}
