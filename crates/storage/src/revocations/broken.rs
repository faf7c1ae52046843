//! A check that is broken on purpose, in builds with `--cfg broken_check` alone: it believes a verdict for 50 ms.
//! The breaker of `load-tests` must catch it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use revocation::{Revocation, RevocationQuery};

const BELIEVED_FOR: Duration = Duration::from_millis(50);

/// Verdicts by question.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<HashMap<String, (Instant, Option<Revocation>)>>);

impl Cache {
    pub(super) fn get(&self, question: &RevocationQuery) -> Option<Option<Revocation>> {
        let cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, verdict) = cache.get(&format!("{question:?}"))?;
        (at.elapsed() < BELIEVED_FOR).then(|| verdict.clone())
    }

    pub(super) fn put(&self, question: &RevocationQuery, verdict: &Option<Revocation>) {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache.insert(format!("{question:?}"), (Instant::now(), verdict.clone()));
    }
}
