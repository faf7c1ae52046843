//! The history of a run, on one clock: who held what, what was asked and answered, what was revoked, what was broken.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sha3::{Digest as _, Sha3_384};

/// A moment, as the time since the run began.
pub(crate) type At = Duration;

/// Everything that happened. Numbers are indices into the lists here.
#[derive(Debug, Default)]
pub(crate) struct Events {
    pub(crate) logins: Vec<Login>,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) revocations: Vec<Revocation>,
    pub(crate) pushes: Vec<Push>,
    pub(crate) faults: Vec<Fault>,
    /// What should never happen and is not an answer: a process that died by itself, a service that did not heal.
    pub(crate) oddities: Vec<(At, String)>,
}

/// One login: the session that it began. A family is a root, which several logins may share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Login {
    pub(crate) family: usize,
    pub(crate) account: usize,
    pub(crate) ended: At,
}

/// A credential: what a login gave, or something narrower.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Credential {
    pub(crate) parent: Option<usize>,
    pub(crate) login: usize,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Whoami,
    Verify,
    Receive,
    Push,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Accepted,
    Refused,
    /// A 503: the service admits that it does not know.
    CannotTell,
    /// No answer, so perhaps either.
    Unknown,
    /// A status that nothing here may be answered with.
    Unexpected(u16),
}

/// One request; an upload's bytes need no credential.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    pub(crate) kind: Kind,
    pub(crate) credential: Option<usize>,
    pub(crate) service: usize,
    pub(crate) began: At,
    pub(crate) ended: At,
    pub(crate) outcome: Outcome,
}

/// What was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    Credential(usize),
    Family(usize),
    Session(usize),
    Account(usize),
}

/// A revocation, asked for until it was acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Revocation {
    pub(crate) subject: Subject,
    pub(crate) reason: String,
    /// When it was asked for first.
    pub(crate) called: At,
    pub(crate) attempts: usize,
    pub(crate) acknowledged: Option<Acknowledged>,
}

/// A 200 to a revocation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Acknowledged {
    pub(crate) at: At,
    /// When the attempt began that was answered so.
    pub(crate) asked: At,
    pub(crate) service: usize,
    /// The place in the journal that the answer names.
    pub(crate) position: i64,
}

/// A push that was accepted, and the file it was for.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    pub(crate) at: At,
    pub(crate) upload: String,
    pub(crate) file: File,
}

/// What identifies a file's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) size: u64,
    /// SHA3-384 in lower-case hexadecimal.
    pub(crate) digest: String,
}

impl File {
    pub(crate) fn of(bytes: &[u8]) -> File {
        let digest =
            Sha3_384::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        File { size: u64::try_from(bytes.len()).unwrap_or(u64::MAX), digest }
    }
}

/// Something that was broken, and mended again.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) kind: &'static str,
    pub(crate) what: String,
    /// Faults of one round overlap, and heal together.
    pub(crate) round: usize,
    pub(crate) began: At,
    pub(crate) ended: At,
}

impl Operation {
    /// Whether a credential was accepted; whoever sends bytes alone needs none.
    pub(crate) fn is_accepted(&self) -> bool {
        self.outcome == Outcome::Accepted && self.credential.is_some()
    }
}

impl Events {
    /// The credential and everything it was attenuated from.
    pub(crate) fn lineage(&self, credential: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(credential), |&one| self.credentials.get(one).and_then(|it| it.parent))
    }

    /// The login a credential came from, and its number.
    pub(crate) fn login(&self, credential: usize) -> Option<(usize, Login)> {
        let number = self.credentials.get(credential)?.login;
        Some((number, *self.logins.get(number)?))
    }
}

/// The history while it is being made.
#[derive(Debug)]
pub(crate) struct History {
    start: Instant,
    events: Mutex<Events>,
}

impl History {
    pub(crate) fn begin() -> History {
        History { start: Instant::now(), events: Mutex::default() }
    }

    /// The moment now.
    pub(crate) fn now(&self) -> At {
        self.start.elapsed()
    }

    /// The events up to now; others wait meanwhile.
    pub(crate) fn events(&self) -> MutexGuard<'_, Events> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what should never happen.
    pub(crate) fn odd(&self, what: impl Into<String>) {
        let now = self.now();
        self.events().oddities.push((now, what.into()));
    }
}
